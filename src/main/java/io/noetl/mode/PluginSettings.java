package io.noetl.mode;

import io.noetl.config.PluginConfig;
import io.noetl.signature.SignaturePolicy;
import io.noetl.signature.SigningKeys;
import io.noetl.wasm.CompileSettings;
import io.noetl.wasm.ModuleLimits;
import io.noetl.wasm.PluginLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import java.util.Set;

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

  /**
   * Which modules need a signature.
   *
   * @throws IllegalArgumentException when the file of keys cannot be read or holds none
   */
  static SignaturePolicy signatures(PluginConfig config) {
    return new SignaturePolicy(
        config.signers().map(PluginSettings::keys).orElse(List.of()),
        config.unsignedSystem(),
        Set.copyOf(config.signedTenants()));
  }

  private static List<PublicKey> keys(Path file) {
    try {
      return SigningKeys.publicKeys(Files.readString(file));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Expected public keys in " + file + " (plugin.signers), but " + e.getMessage(), e);
    }
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
