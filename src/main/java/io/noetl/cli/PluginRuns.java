package io.noetl.cli;

import io.noetl.mode.PluginSettings;
import io.noetl.wasm.PluginLimits;
import io.noetl.wasm.PluginRehearsal;
import java.util.Map;

/**
 * Runs plug-ins of this machine's user, under the limits of the settings.
 *
 * @param limits that hold in production, when the settings are the same
 */
record PluginRuns(PluginLimits limits) {
  static PluginRuns of(ConfigOptions config) {
    Logs.onlyTrouble();
    return new PluginRuns(PluginSettings.limits(config.load(Map.of()).config().plugin()));
  }

  PluginRehearsal rehearsal() {
    return new PluginRehearsal(limits);
  }
}
