package io.noetl.cli;

import io.noetl.json.Json;
import io.noetl.wasm.HostCapabilities;
import io.noetl.wasm.PluginInspection;
import io.noetl.wasm.PluginInspector;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code noetl plugin check}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Says whether a module would be admitted, and what it may do once it is granted what it asks"
          + " for.",
      "Needs no server; the server's own check is POST /api/plugins/check."
    },
    footer = {"", "Exit code: 0 admitted, 1 refused, 2 no module is there."})
final class PluginCheckCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(paramLabel = "FOLDER|FILE", description = "A .wasm file, or a folder that holds one.")
  private @Nullable Path place;

  @Mixin private @Nullable ConfigOptions config;

  PluginCheckCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    PluginFolder folder = PluginFolder.of(Options.given(place));
    Logs.onlyTrouble();
    PluginInspection found =
        new PluginInspector(PluginRuns.of(Options.given(config)).limits()).inspect(folder.bytes());
    for (PluginInspection.Fault fault : found.faults()) {
      cli.err().println("refused: " + fault.text());
    }
    cli.err().flush();
    if (!found.admitted()) {
      return Exit.FAILED;
    }
    cli.out().println(folder.module() + ": admitted, SHA-256 " + found.digest());
    permissions(found.imports().stream().map(PluginInspection.Import::name).toList());
    return Exit.OK;
  }

  /** What a person who grants has to know, in words and not in names alone. */
  private void permissions(List<String> imports) {
    List<HostCapabilities.Entry> asked =
        HostCapabilities.all().stream().filter(entry -> imports.contains(entry.name())).toList();
    cli.out().println(asked.isEmpty() ? "It computes, and asks the host for nothing." : "It may:");
    for (HostCapabilities.Entry entry : asked) {
      cli.out()
          .println(
              "  - "
                  + entry.allows()
                  + "  ("
                  + entry.name()
                  + (entry.tenantDefault() ? ", every tenant has it)" : ", needs a grant)"));
    }
    List<String> never =
        HostCapabilities.all().stream()
            .filter(entry -> !imports.contains(entry.name()))
            .map(HostCapabilities.Entry::allows)
            .toList();
    if (!never.isEmpty()) {
      cli.out().println("It can never:");
      never.forEach(allows -> cli.out().println("  - " + allows));
    }
    List<HostCapabilities.Entry> wanted =
        asked.stream().filter(entry -> !entry.tenantDefault()).toList();
    if (!wanted.isEmpty()) {
      cli.out()
          .println(
              "To grant what it asks for: POST /api/internal/plugin-grants/PATH "
                  + Json.text(Map.of("grants", HostCapabilities.example(imports))));
    }
  }
}
