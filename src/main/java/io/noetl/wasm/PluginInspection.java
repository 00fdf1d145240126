package io.noetl.wasm;

import java.util.List;
import java.util.Locale;

/**
 * What admission found in a module.
 *
 * @param bytes size of the module
 * @param digest SHA-256 of the bytes, 64 lower-case hexadecimal digits
 * @param imports every import, in order; what a person reads as the permission list
 * @param exports every export, in order
 * @param memoryPages declared initial memory in pages of 64 KiB; 0 when there is none
 * @param faults why the module is refused, all of them; empty when it is admitted
 */
public record PluginInspection(
    int bytes,
    String digest,
    List<Import> imports,
    List<Export> exports,
    int memoryPages,
    List<Fault> faults) {

  public PluginInspection {
    imports = List.copyOf(imports);
    exports = List.copyOf(exports);
    faults = List.copyOf(faults);
  }

  /** Whether the module may be compiled. */
  public boolean admitted() {
    return faults.isEmpty();
  }

  /** All faults in one line. */
  public String faultText() {
    return String.join("; ", faults.stream().map(Fault::text).toList());
  }

  /**
   * One import.
   *
   * @param signature such as {@code (i32, i32) -> i32}, or the kind of what is not a function
   */
  public record Import(String module, String name, String signature) {
    /** The full name, such as {@code noetl.v1.host_log}. */
    public String fullName() {
      return module + "." + name;
    }
  }

  /**
   * One export.
   *
   * @param signature such as {@code (i32) -> i32}, or the kind of what is not a function
   */
  public record Export(String name, String signature) {}

  /**
   * One reason for a refusal.
   *
   * @param section name of the section, or {@code module}
   * @param offset in bytes from the start of the module
   */
  public record Fault(String section, int offset, String message) {
    /** Section, offset and message. */
    public String text() {
      return String.format(Locale.ROOT, "%s section at 0x%x: %s", section, offset, message);
    }
  }
}
