package io.noetl.wasm;

/** The answer of {@link PluginModules#load}. */
public sealed interface PluginLoad {
  /** Ready to be called. */
  record Loaded(PluginModule module) implements PluginLoad {}

  /**
   * The bytes are not a plug-in this host runs.
   *
   * @param code why, always {@link PluginErrorCode#PLUGIN_INVALID} at present
   * @param message every fault at once
   */
  record Refused(PluginErrorCode code, String message) implements PluginLoad {}
}
