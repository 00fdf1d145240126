package io.noetl.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl plugin sign}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Signs a module with an Ed25519 key and writes the signature beside it, as FILE.wasm.sig,"
          + " from",
      "where noetl plugin push takes it. A new build needs a new signature."
    },
    footer = {
      "",
      "A key pair: openssl genpkey -algorithm ed25519 -out key.pem",
      "            openssl pkey -in key.pem -pubout -out signers.pem   (for plugin.signers)",
      "",
      "Exit code: 0 signed, 2 no module or no key is there."
    })
final class PluginSignCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(paramLabel = "FOLDER|FILE", description = "A .wasm file, or a folder that holds one.")
  private @Nullable Path place;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      required = true,
      description = "The Ed25519 private key (PEM).")
  private @Nullable Path key;

  PluginSignCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    PluginFolder folder = PluginFolder.of(Options.given(place));
    Path file = SigningKey.beside(folder.module());
    String signature = SigningKey.of(Options.given(key)).signature(folder.bytes());
    try {
      Files.writeString(file, signature + "\n");
    } catch (IOException e) {
      throw new UserError("Expected to write " + file + ", but " + e.getMessage());
    }
    cli.out().println(file + " is made");
    return Exit.OK;
  }
}
