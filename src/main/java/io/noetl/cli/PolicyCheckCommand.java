package io.noetl.cli;

import io.noetl.config.PolicyConfig;
import io.noetl.json.Json;
import io.noetl.policy.Fault;
import io.noetl.policy.MappingReader;
import io.noetl.policy.PolicyLimits;
import io.noetl.policy.PolicyReader;
import io.noetl.policy.compiled.Part;
import io.noetl.wasm.EngineMode;
import io.noetl.wasm.PluginResult;
import io.noetl.wasm.PluginScript;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl policy check}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Compiles a policy with the plug-in that comes with this build, under the limits of"
          + " production,",
      "and says all that is wrong with it. Needs no server. A compiled document is only read."
    },
    footer = {
      "",
      "Exit code: 0 good, 1 faults, 2 no file.",
      "",
      "Example:",
      "  noetl policy check rbac rbac.yaml"
    })
final class PolicyCheckCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(index = "0", paramLabel = "PART", description = "auth or rbac.")
  private @Nullable String part;

  @Parameters(index = "1", paramLabel = "FILE", description = "A source, YAML or JSON.")
  private @Nullable Path file;

  @Option(names = "--print", description = "Prints the compiled document.")
  private boolean print;

  @Mixin private @Nullable ConfigOptions config;

  PolicyCheckCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() throws InterruptedException {
    Part which = PolicyServer.part(part);
    String text = PolicyServer.text(Options.given(file));
    List<String> unreadable = LocalParser.documentFaults(text);
    if (!unreadable.isEmpty()) {
      return refused(unreadable);
    }
    Map<String, @Nullable Object> source = LocalParser.document(text);
    String document;
    if (source.containsKey("format")) {
      document = Json.text(source);
    } else {
      PluginScript script =
          PluginScript.parse(
              Json.text(Map.of("input", Map.of("source", source), "expect", Map.of())));
      PluginResult result =
          PluginRuns.of(Options.given(config))
              .rehearsal()
              .run(PluginInstallSystemCommand.module(which.word()), script, EngineMode.INTERPRETED)
              .result();
      switch (result) {
        case PluginResult.Ok ok -> document = Json.text(ok.output());
        case PluginResult.GuestError error -> {
          return refused(List.of(error.message().split("; ")));
        }
        case PluginResult.Failed failed -> {
          return refused(List.of(failed.code() + ": " + failed.message()));
        }
      }
    }
    PolicyConfig limits = Options.given(config).load(Map.of()).config().policy();
    PolicyLimits most = new PolicyLimits(Math.toIntExact(limits.maxBytes()), limits.maxRules());
    PolicyReader.Outcome<?> read =
        switch (which) {
          case AUTH -> MappingReader.read(document, most);
          case RBAC -> PolicyReader.read(document, most);
        };
    if (read instanceof PolicyReader.Refused<?>(List<Fault> faults)) {
      return refused(faults.stream().map(Fault::toString).toList());
    }
    cli.out().println(print ? document : which.word() + " is good");
    cli.out().flush();
    return Exit.OK;
  }

  private int refused(List<String> faults) {
    faults.forEach(cli.err()::println);
    cli.err().flush();
    return Exit.FAILED;
  }
}
