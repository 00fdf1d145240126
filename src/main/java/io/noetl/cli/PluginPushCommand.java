package io.noetl.cli;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl plugin push}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Registers a module as the next version of a plug-in. The same bytes keep their version;"
          + " calls",
      "that run finish on the version they started with.",
      "",
      "A signature beside the module (FILE.wasm.sig, see noetl plugin sign) goes with it; --key"
          + " makes one.",
      "A path that begins with system/ goes to the server's internal route, with"
          + " auth.internal-token."
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

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "Signs the module with this Ed25519 private key (PEM).")
  private @Nullable Path key;

  @Mixin private @Nullable ServerToken token;
  @Mixin private @Nullable ConfigOptions config;

  PluginPushCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    PluginFolder folder = PluginFolder.of(Options.given(place));
    byte[] module = folder.bytes();
    String wanted = Options.given(path);
    Map<String, @Nullable Object> reply =
        new ApiClient(server, Options.given(token).shown())
            .registerPlugin(
                wanted,
                module,
                signature(folder, module),
                wanted.startsWith("system/") ? internalToken() : null);
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
    if (reply.get("signed_by") != null) {
      cli.out().println("signed by key " + reply.get("signed_by"));
    }
    return Exit.OK;
  }

  private @Nullable String signature(PluginFolder folder, byte[] module) {
    if (key != null) {
      return SigningKey.of(key).signature(module);
    }
    Path beside = SigningKey.beside(folder.module());
    return Files.isRegularFile(beside)
        ? new String(Payloads.bytes(beside), StandardCharsets.UTF_8).strip()
        : null;
  }

  private String internalToken() {
    return Options.given(config).load(Map.of()).config().auth().internalToken().reveal();
  }
}
