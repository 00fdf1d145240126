package io.noetl.wasm;

/** How the engine executes a module. Both modes give the same results. */
public enum EngineMode {
  /** Translated to JVM classes; the default. */
  COMPILED,
  /** Interpreted, 100 to 250 times slower on loops: for replay, debugging and comparison. */
  INTERPRETED
}
