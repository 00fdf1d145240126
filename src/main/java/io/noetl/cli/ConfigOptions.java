package io.noetl.cli;

import io.noetl.config.ConfigLoader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where settings come from; every command that needs settings has these options. */
final class ConfigOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Properties file with settings (else $$NOETL_CONFIG).")
  private @Nullable Path file;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description =
          "One setting, such as -D server.port=9000; wins over environment and file. May be"
              + " repeated. `noetl print-config --all` lists the keys.")
  private final Map<String, String> settings = new LinkedHashMap<>();

  /**
   * @param own settings that the command's own options stand for; they win
   * @throws io.noetl.config.ConfigException with every fault
   */
  ConfigLoader.Loaded load(Map<String, String> own) {
    Map<String, String> flags = new LinkedHashMap<>(settings);
    flags.putAll(own);
    return ConfigLoader.load(Optional.ofNullable(file), flags);
  }
}
