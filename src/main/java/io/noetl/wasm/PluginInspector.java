package io.noetl.wasm;

import io.noetl.wasm.ModuleReader.Malformed;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Admission: reads a module with our own decoder before the engine sees a byte, because an engine
 * allocates what a header claims. Pure; safe for many threads; never throws for any bytes.
 *
 * <p>The order of work: whole file (size, magic), then section by section. A fault inside a section
 * ends that section only, so that one report names the faults of all sections. What concerns
 * several sections (imports against the ABI, exports against types) is judged at the end by {@link
 * ModuleContract}.
 */
public final class PluginInspector {
  private static final byte[] MAGIC = {0x00, 0x61, 0x73, 0x6d};

  private final PluginLimits limits;

  /** Inspects against these limits. */
  public PluginInspector(PluginLimits limits) {
    this.limits = limits;
  }

  /** The SHA-256 of a module, 64 lower-case hexadecimal digits. */
  public static String digest(byte[] module) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(module));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected every JDK to have SHA-256", e);
    }
  }

  /**
   * What admission found, and the module as it was read.
   *
   * @param outline complete only when the inspection has no faults
   */
  record Admission(PluginInspection inspection, ModuleOutline outline) {}

  /** Everything admission can say about these bytes. */
  public PluginInspection inspect(byte[] module) {
    return admit(module).inspection();
  }

  Admission admit(byte[] module) {
    Faults faults = new Faults();
    ModuleOutline outline = new ModuleOutline();
    if (module.length > limits.module().bytes()) {
      faults.add(
          "module",
          0,
          "expected at most "
              + limits.module().bytes()
              + " bytes (plugin.module-bytes), but got "
              + module.length);
    } else if (header(module, faults)) {
      sections(module, outline, faults);
      ModuleContract.judge(outline, limits, faults);
    }
    return new Admission(
        new PluginInspection(
            module.length,
            digest(module),
            outline.imports(),
            outline.exports(),
            outline.memoryPages(),
            faults.list()),
        outline);
  }

  private static boolean header(byte[] module, Faults faults) {
    for (int i = 0; i < MAGIC.length; i++) {
      if (i >= module.length || module[i] != MAGIC[i]) {
        faults.add("module", i, "expected the magic number of WebAssembly");
        return false;
      }
    }
    ModuleReader reader = new ModuleReader(module, MAGIC.length, module.length);
    long version = 0;
    for (int i = 0; i < 4 && reader.remaining() > 0; i++) {
      version |= (long) reader.u8() << (8 * i);
    }
    if (version != 1 || module.length < 8) {
      faults.add(
          "module",
          MAGIC.length,
          "expected version 1 of a core module, but got 0x"
              + Long.toHexString(version)
              + " (components are not admitted)");
      return false;
    }
    return true;
  }

  private void sections(byte[] module, ModuleOutline outline, Faults faults) {
    ModuleReader reader = new ModuleReader(module, 8, module.length);
    SectionReader sections = new SectionReader(module, outline, limits, faults);
    Optional<ModuleSection> last = Optional.empty();
    long custom = 0;
    while (reader.remaining() > 0) {
      int start = reader.offset();
      ModuleReader body;
      int id;
      try {
        id = reader.u8();
        body = reader.slice(reader.length());
      } catch (Malformed e) {
        // Where the next section starts is unknown from here on.
        faults.add("module", e.offset(), "section " + e.text());
        return;
      }
      if (id == ModuleSection.CUSTOM) {
        custom += reader.offset() - start;
        if (custom > limits.module().customBytes()) {
          faults.add(
              "custom",
              start,
              "expected custom sections of at most "
                  + limits.module().customBytes()
                  + " bytes (plugin.custom-bytes), but got "
                  + custom
                  + "; strip what is for debugging");
        }
        custom(body, faults);
        outline.customSections.add(new ModuleOutline.RawCustom(start, reader.offset()));
        continue;
      }
      Optional<ModuleSection> section = ModuleSection.of(id);
      if (section.isEmpty()) {
        faults.add(
            "module",
            start,
            id == 13
                ? "exceptions are not admitted (tag section)"
                : "unknown section number " + id);
        continue;
      }
      ModuleSection present = section.get();
      if (last.isPresent() && present.compareTo(last.get()) <= 0) {
        faults.add(
            present,
            start,
            present == last.get() ? "section appears twice" : "section is out of order");
        continue;
      }
      last = section;
      outline.sections.add(
          new ModuleOutline.RawSection(present, start, body.offset(), reader.offset()));
      try {
        sections.read(present, body);
        if (body.remaining() > 0) {
          faults.add(present, body.offset(), body.remaining() + " bytes are left over at the end");
        }
      } catch (Malformed e) {
        outline.broken.add(present);
        faults.add(present, e.offset(), e.text());
      }
    }
  }

  private static void custom(ModuleReader body, Faults faults) {
    try {
      body.name();
    } catch (Malformed e) {
      faults.add("custom", e.offset(), e.text());
    }
  }
}
