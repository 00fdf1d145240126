package io.noetl.cli;

import io.noetl.json.Json;
import io.noetl.wasm.EngineMode;
import io.noetl.wasm.PluginRehearsal;
import io.noetl.wasm.PluginResult;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl plugin replay}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Runs a recorded call again, against the recorded answers of the host. Output and fuel must"
          + " be",
      "those of the recording. A pool records with plugin.recordings."
    },
    footer = {"", "Exit code: 0 the same, 1 it differs, 2 no module or no recording is there."})
final class PluginReplayCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(
      index = "0",
      paramLabel = "FOLDER|FILE",
      description = "A .wasm file, or a folder that holds one.")
  private @Nullable Path place;

  @Parameters(index = "1", paramLabel = "RECORDING", description = "The recorded call.")
  private @Nullable Path recording;

  @Option(names = "--compiled", description = "Runs it compiled; interpreted when not given.")
  private boolean compiled;

  @Mixin private @Nullable ConfigOptions config;

  PluginReplayCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() throws InterruptedException {
    PluginFolder folder = PluginFolder.of(Options.given(place));
    PluginRehearsal.Outcome outcome =
        PluginRuns.of(Options.given(config))
            .rehearsal()
            .run(
                folder.bytes(),
                PluginFolder.script(Options.given(recording)),
                compiled ? EngineMode.COMPILED : EngineMode.INTERPRETED);
    PluginResult result = outcome.result();
    result
        .usage()
        .log()
        .forEach(line -> cli.err().println("log " + line.level() + " " + line.text()));
    cli.err().flush();
    cli.out()
        .println(
            switch (result) {
              case PluginResult.Ok ok -> "output " + Json.text(ok.output());
              case PluginResult.GuestError error -> "error " + Json.text(error.error());
              case PluginResult.Failed failed -> failed.code() + " " + failed.message();
            });
    cli.out().println("fuel " + result.usage().fuel());
    outcome.problems().forEach(problem -> cli.out().println("differs: " + problem));
    return outcome.passed() ? Exit.OK : Exit.FAILED;
  }
}
