package io.noetl.cli;

import io.noetl.config.ConfigReference;
import io.noetl.config.Entry;
import io.noetl.json.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code noetl print-config}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Shows the settings in force and where each comes from; secrets are masked.",
    footer = {
      "",
      "A setting is read from the properties file, the environment and flags; later ones win.",
      "server.public-url is NOETL_SERVER_PUBLIC_URL in the environment.",
      "",
      "Examples:",
      "  noetl print-config                 values with their source",
      "  noetl print-config --all           every key with default and meaning"
    })
final class PrintConfigCommand implements Callable<Integer> {
  private final Cli cli;

  @Mixin private @Nullable ConfigOptions config;

  @Option(
      names = "--all",
      description = "Shows every key with its default and meaning instead, as a Markdown table.")
  private boolean all;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  PrintConfigCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    if (all) {
      cli.out().print(ConfigReference.markdown());
      cli.out().flush();
      return Exit.OK;
    }
    List<Entry> entries = Options.given(config).load(Map.of()).entries();
    if (output == OutputFormat.json) {
      cli.out().println(Json.text(json(entries)));
    } else {
      printEffective(cli.out(), entries);
    }
    return Exit.OK;
  }

  /** One line per key, as in a properties file, with the source of each value as a comment. */
  static void printEffective(PrintWriter out, List<Entry> entries) {
    for (Entry entry : entries) {
      out.println("# " + entry.source());
      out.println(entry.key() + "=" + entry.value());
    }
    out.flush();
  }

  private static List<Object> json(List<Entry> entries) {
    List<Object> all = new ArrayList<>();
    for (Entry entry : entries) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("key", entry.key());
      one.put("value", entry.value());
      one.put("source", entry.source());
      one.put("default", entry.defaultValue());
      all.add(one);
    }
    return all;
  }
}
