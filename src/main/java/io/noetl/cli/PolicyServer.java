package io.noetl.cli;

import io.noetl.policy.compiled.Part;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The server that commands about policies ask. */
final class PolicyServer {
  @Option(names = "--server", paramLabel = "URL", description = "Default: http://127.0.0.1:8082.")
  private URI server = URI.create("http://127.0.0.1:8082");

  @Mixin private @Nullable ServerToken token;
  @Mixin private @Nullable ConfigOptions config;

  ApiClient client() {
    String internal = Options.given(config).load(Map.of()).config().auth().internalToken().reveal();
    return new ApiClient(server, Options.given(token).shown(), internal);
  }

  /**
   * @throws UserError when it cannot be read
   */
  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UserError("Expected to read " + file + ", but " + e);
    }
  }

  static Part part(@Nullable String word) {
    Part part = Part.of(Options.given(word));
    if (part == null) {
      throw new UserError("Expected PART auth or rbac, but got " + word);
    }
    return part;
  }
}
