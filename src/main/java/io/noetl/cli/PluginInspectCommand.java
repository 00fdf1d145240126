package io.noetl.cli;

import io.noetl.json.Json;
import io.noetl.wasm.EngineMode;
import io.noetl.wasm.HostCapabilities;
import io.noetl.wasm.PluginInspection;
import io.noetl.wasm.PluginInspector;
import io.noetl.wasm.PluginRehearsal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl plugin inspect}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Shows what a module is: size, digest, what it may ask the host for, and every reason why it",
      "would be refused. Needs no server."
    },
    footer = {"", "Exit code: 0 admitted, 1 refused, 2 no module is there."})
final class PluginInspectCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(paramLabel = "FOLDER|FILE", description = "A .wasm file, or a folder that holds one.")
  private @Nullable Path place;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  @Mixin private @Nullable ConfigOptions config;

  PluginInspectCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() throws InterruptedException {
    PluginFolder folder = PluginFolder.of(Options.given(place));
    byte[] bytes = folder.bytes();
    PluginRuns runs = PluginRuns.of(Options.given(config));
    PluginInspection found = new PluginInspector(runs.limits()).inspect(bytes);
    Map<String, @Nullable Object> fuel = new LinkedHashMap<>();
    if (found.admitted() && !folder.fixtures().isEmpty()) {
      PluginRehearsal rehearsal = runs.rehearsal();
      for (Path fixture : folder.fixtures()) {
        fuel.put(
            String.valueOf(fixture.getFileName()),
            rehearsal
                .run(bytes, PluginFolder.script(fixture), EngineMode.COMPILED)
                .result()
                .usage()
                .fuel());
      }
    }
    if (output == OutputFormat.json) {
      json(found, fuel);
    } else {
      text(folder, found, fuel);
    }
    return found.admitted() ? Exit.OK : Exit.FAILED;
  }

  private void text(
      PluginFolder folder, PluginInspection found, Map<String, @Nullable Object> fuel) {
    cli.out().println(folder.module() + ": " + found.bytes() + " bytes");
    cli.out().println("digest   " + found.digest());
    cli.out().println("memory   " + found.memoryPages() + " pages of 64 KiB");
    for (PluginInspection.Import imported : found.imports()) {
      cli.out()
          .println(
              "import   "
                  + imported.fullName()
                  + " "
                  + imported.signature()
                  + (wantsGrant(imported.name()) ? "   needs a grant" : ""));
    }
    for (PluginInspection.Export export : found.exports()) {
      cli.out().println("export   " + export.name() + " " + export.signature());
    }
    fuel.forEach((fixture, units) -> cli.out().println("fuel     " + units + "   " + fixture));
    cli.out().flush();
    for (PluginInspection.Fault fault : found.faults()) {
      cli.err().println("refused: " + fault.text());
    }
    cli.err().flush();
  }

  private static boolean wantsGrant(String name) {
    return HostCapabilities.names().contains(name);
  }

  private void json(PluginInspection found, Map<String, @Nullable Object> fuel) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("admitted", found.admitted());
    document.put("size", found.bytes());
    document.put("digest", found.digest());
    document.put("memory_pages", found.memoryPages());
    document.put(
        "imports", found.imports().stream().map(PluginInspection.Import::fullName).toList());
    document.put(
        "needs_grants",
        found.imports().stream()
            .map(PluginInspection.Import::name)
            .filter(PluginInspectCommand::wantsGrant)
            .toList());
    document.put("exports", found.exports().stream().map(PluginInspection.Export::name).toList());
    document.put("fuel", fuel);
    List<String> faults = found.faults().stream().map(PluginInspection.Fault::text).toList();
    document.put("faults", faults);
    cli.out().println(Json.text(document));
  }
}
