package io.noetl.wasm;

import io.noetl.wasm.PluginInspector.Admission;
import io.noetl.wasm.Translator.Untranslatable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compiles admitted modules and remembers the results. One for each process; safe for many threads.
 */
public final class PluginCompiler {
  private final Engine engine;
  private final Translator translator;
  private final Artefacts artefacts;

  PluginCompiler(Engine engine, Translator translator, CompileSettings settings) {
    this.engine = engine;
    this.translator = translator;
    this.artefacts = new Artefacts(settings);
  }

  /** Compiles each module in a process of its own, which may be killed. */
  public static PluginCompiler isolated(CompileSettings settings) {
    return new PluginCompiler(new EndiveEngine(), new ChildTranslator(settings), settings);
  }

  /** Compiles in this process: for modules of its own user, such as in a test of a plug-in. */
  public static PluginCompiler inProcess() {
    Engine engine = new EndiveEngine();
    return new PluginCompiler(engine, new InProcessTranslator(engine), CompileSettings.defaults());
  }

  /**
   * Compiles a module ahead of its first call.
   *
   * @param limits by which it is admitted
   * @return why it cannot be compiled; empty when it can, or when admission already refuses it
   */
  public Optional<String> problem(byte[] module, PluginLimits limits) {
    Admission admission = new PluginInspector(limits).admit(module);
    if (!admission.inspection().admitted()) {
      return Optional.empty();
    }
    try {
      code(
          admission.inspection().digest(),
          FuelMeter.instrument(module, admission.outline()),
          EngineMode.COMPILED,
          limits);
      return Optional.empty();
    } catch (Untranslatable e) {
      return Optional.of(e.text());
    }
  }

  /** Compiled modules that were found but not believed, because their signature is wrong. */
  public long rejected() {
    return artefacts.rejected();
  }

  Engine engine() {
    return engine;
  }

  /**
   * @throws Untranslatable when the module is at fault
   */
  Engine.Code code(String digest, byte[] metered, EngineMode mode, PluginLimits limits) {
    byte[] compiled =
        switch (mode) {
          case COMPILED -> compiled(digest, metered);
          case INTERPRETED -> null;
        };
    return loaded(metered, compiled, limits);
  }

  private byte[] compiled(String digest, byte[] metered) {
    String key = digest + " " + engine.version() + " " + FuelMeter.VERSION;
    Optional<byte[]> present = artefacts.get(key);
    if (present.isPresent()) {
      return present.get();
    }
    byte[] made = translator.translate(digest.substring(0, 8), metered);
    artefacts.put(key, made);
    return made;
  }

  private Engine.Code loaded(byte[] metered, byte @Nullable [] compiled, PluginLimits limits) {
    try {
      return engine.load(metered, compiled, limits.module().tableElements());
    } catch (Throwable e) {
      // Random bytes make an engine throw anything, errors included: the type must not decide.
      throw new Untranslatable(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }
}
