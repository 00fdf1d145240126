package io.noetl.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl plugin push}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Registers a module as the next version of a plug-in. The same bytes keep their version;"
          + " calls",
      "that run finish on the version they started with."
    },
    footer = {"", "Exit code: 0 registered, 2 refused, or no server."})
final class PluginPushCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(index = "0", paramLabel = "PATH", description = "Its name in the catalog.")
  private @Nullable String path;

  @Parameters(
      index = "1",
      paramLabel = "FOLDER|FILE",
      description = "A .wasm file, or a folder that holds one.")
  private @Nullable Path place;

  @Option(names = "--server", paramLabel = "URL", description = "Default: http://127.0.0.1:8082.")
  private URI server = URI.create("http://127.0.0.1:8082");

  PluginPushCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    PluginFolder folder = PluginFolder.of(Options.given(place));
    Map<String, @Nullable Object> reply =
        new ApiClient(server).registerPlugin(Options.given(path), folder.bytes());
    cli.out()
        .println(
            reply.get("path")
                + " version "
                + reply.get("version")
                + ", digest "
                + reply.get("digest"));
    if (reply.get("imports") instanceof List<?> imports && !imports.isEmpty()) {
      cli.out()
          .println("imports " + String.join(", ", imports.stream().map(String::valueOf).toList()));
    }
    return Exit.OK;
  }
}
