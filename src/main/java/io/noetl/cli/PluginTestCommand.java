package io.noetl.cli;

import io.noetl.wasm.EngineMode;
import io.noetl.wasm.PluginRehearsal;
import io.noetl.wasm.PluginScript;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code noetl plugin test}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Runs the fixtures of a plug-in, compiled and interpreted, under the limits of production"
          + " and",
      "with canned answers of the host. Needs no server."
    },
    footer = {
      "",
      "A fixture: {\"input\": {...}, \"grants\": [...], \"calls\": [{\"name\", \"request\","
          + " \"reply\"}],",
      "  \"expect\": {\"code\": 0, \"output\": {...}, \"max_fuel\": 200000}}",
      "",
      "Exit code: 0 all passed, 1 some failed, 2 no module or no fixture is there."
    })
final class PluginTestCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(
      index = "0",
      paramLabel = "FOLDER|FILE",
      description = "A .wasm file, or a folder that holds one.")
  private @Nullable Path place;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "FIXTURE",
      description = "Fixtures; those in the folder fixtures beside the module when none is named.")
  private List<Path> fixtures = List.of();

  @Mixin private @Nullable ConfigOptions config;

  PluginTestCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() throws InterruptedException {
    PluginFolder folder = PluginFolder.of(Options.given(place));
    List<Path> wanted = fixtures.isEmpty() ? folder.fixtures() : fixtures;
    if (wanted.isEmpty()) {
      throw new UserError(
          "Expected fixtures beside "
              + folder.module()
              + " or on the command line, but found none");
    }
    byte[] bytes = folder.bytes();
    PluginRehearsal rehearsal = PluginRuns.of(Options.given(config)).rehearsal();
    int failed = 0;
    for (Path fixture : wanted) {
      PluginScript script = PluginFolder.script(fixture);
      PluginRehearsal.Outcome compiled = rehearsal.run(bytes, script, EngineMode.COMPILED);
      PluginRehearsal.Outcome interpreted = rehearsal.run(bytes, script, EngineMode.INTERPRETED);
      long fuel = compiled.result().usage().fuel();
      boolean same = fuel == interpreted.result().usage().fuel();
      boolean passed = compiled.passed() && interpreted.passed() && same;
      cli.out().println((passed ? "passed  " : "FAILED  ") + fixture + "  fuel " + fuel);
      compiled.problems().forEach(problem -> cli.out().println("  compiled: " + problem));
      interpreted.problems().forEach(problem -> cli.out().println("  interpreted: " + problem));
      if (!same) {
        cli.out()
            .println(
                "  compiled it costs "
                    + fuel
                    + " units of fuel, interpreted "
                    + interpreted.result().usage().fuel());
      }
      failed += passed ? 0 : 1;
    }
    cli.out().println(wanted.size() - failed + " passed, " + failed + " failed");
    return failed == 0 ? Exit.OK : Exit.FAILED;
  }
}
