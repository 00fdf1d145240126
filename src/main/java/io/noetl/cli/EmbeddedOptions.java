package io.noetl.cli;

import io.noetl.config.BusConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that start every role in their own process. */
final class EmbeddedOptions {
  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port of the API (up: 8082, run: any free one).")
  private @Nullable Integer port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder for what must survive a restart (default .noetl).")
  private @Nullable Path data;

  @Option(
      names = "--bus",
      paramLabel = "BUS",
      description = "nats, memory, or auto (default): NATS when NATS_URL is set, else memory.")
  private BusConfig.@Nullable Mode bus;

  /** What was given, by key. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    if (port != null) {
      settings.put("server.port", port.toString());
    }
    if (data != null) {
      settings.put("data.folder", data.toString());
    }
    if (bus != null) {
      settings.put("bus.mode", bus.name().toLowerCase(Locale.ROOT));
    }
    return settings;
  }
}
