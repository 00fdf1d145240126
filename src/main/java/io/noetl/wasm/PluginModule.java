package io.noetl.wasm;

import java.util.EnumSet;
import java.util.Set;

/**
 * A module that admission accepted and the engine translated. Immutable; shared by all calls of its
 * version. Made by {@link PluginModules}.
 */
public final class PluginModule {
  private final String path;
  private final int version;
  private final PluginInspection inspection;
  private final EngineMode mode;
  private final Engine.Code code;

  PluginModule(
      String path, int version, PluginInspection inspection, EngineMode mode, Engine.Code code) {
    this.path = path;
    this.version = version;
    this.inspection = inspection;
    this.mode = mode;
    this.code = code;
  }

  /** Catalog path. */
  public String path() {
    return path;
  }

  /** Version under that path, from 1. */
  public int version() {
    return version;
  }

  /** SHA-256 of the module's bytes, 64 lower-case hexadecimal digits. */
  public String digest() {
    return inspection.digest();
  }

  /** Imports, exports and sizes. */
  public PluginInspection inspection() {
    return inspection;
  }

  /** How it is executed. */
  public EngineMode mode() {
    return mode;
  }

  Engine.Code code() {
    return code;
  }

  /** The functions of the host it imports. */
  Set<AbiFunction> imports() {
    Set<AbiFunction> functions = EnumSet.noneOf(AbiFunction.class);
    for (PluginInspection.Import imported : inspection.imports()) {
      functions.add(
          AbiFunction.named(imported.name())
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "Expected admitted imports, but got " + imported.fullName())));
    }
    return functions;
  }

  @Override
  public String toString() {
    return path + " version " + version;
  }
}
