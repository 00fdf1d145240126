package io.noetl.mode;

import io.noetl.config.PluginConfig;
import io.noetl.wasm.CompileSettings;
import io.noetl.wasm.ModuleLimits;
import io.noetl.wasm.PluginLimits;

/** The settings of plug-ins, as the sandbox wants them. */
public final class PluginSettings {
  private PluginSettings() {}

  static CompileSettings compiling(PluginConfig config) {
    return new CompileSettings(
        config.compileTimeout(),
        config.compileMemory(),
        config.compilers(),
        config.artefacts().orElse(null),
        config.artefacts().isPresent() ? config.artefactKey().reveal() : null,
        config.cacheBytes());
  }

  /** The limits of modules and calls. */
  public static PluginLimits limits(PluginConfig config) {
    return new PluginLimits(
        new ModuleLimits(
            Math.toIntExact(config.moduleBytes()),
            Math.toIntExact(config.customBytes()),
            config.functions(),
            Math.toIntExact(config.functionBytes()),
            config.locals(),
            config.nesting(),
            config.branchTable(),
            config.types(),
            config.tableElements(),
            config.memoryPages()),
        config.fuel(),
        config.hostCallFuel(),
        config.wallClock(),
        config.interruptGrace(),
        config.hostCall(),
        Math.toIntExact(config.stackBytes()),
        config.hostCalls(),
        Math.toIntExact(config.requestBytes()),
        Math.toIntExact(config.replyBytes()),
        Math.toIntExact(config.inputBytes()),
        Math.toIntExact(config.outputBytes()),
        Math.toIntExact(config.logLineBytes()),
        config.logLines(),
        config.instances() > 0
            ? config.instances()
            : PluginLimits.slots(
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory(),
                config.memoryPages()),
        config.patience(),
        config.stuckThreads(),
        config.cacheBytes());
  }
}
