package io.noetl.cli;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which server a command about dead letters asks, and how it answers. */
final class DeadOptions {
  @Option(names = "--server", paramLabel = "URL", description = "Default: http://127.0.0.1:8082.")
  private URI server = URI.create("http://127.0.0.1:8082");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  @Mixin private @Nullable ServerToken token;

  ApiClient client() {
    return new ApiClient(server, Options.given(token).shown());
  }

  boolean json() {
    return output == OutputFormat.json;
  }
}
