package io.noetl.mode;

import io.noetl.catalog.ModuleInspector;
import io.noetl.wasm.PluginCompiler;
import io.noetl.wasm.PluginLimits;

/** The admission that servers are wired with, for tests of other packages. */
public final class Admission {
  private Admission() {}

  /** Compiles in this process. */
  public static ModuleInspector of(PluginLimits limits) {
    return new ModuleAdmission(limits, PluginCompiler.inProcess());
  }
}
