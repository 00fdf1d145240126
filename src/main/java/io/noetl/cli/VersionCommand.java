package io.noetl.cli;

import io.noetl.config.BuildInfo;
import io.noetl.json.Json;
import io.noetl.postgres.Migrations;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code noetl version}. */
@Command(sortOptions = false, usageHelpWidth = 100, description = "Shows which build this is.")
final class VersionCommand implements Callable<Integer> {
  private final Cli cli;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  VersionCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    BuildInfo build = BuildInfo.read();
    int schema = Migrations.newest();
    if (output == OutputFormat.json) {
      Map<String, @Nullable Object> facts = new LinkedHashMap<>();
      facts.put("version", build.version());
      facts.put("commit", build.commit());
      facts.put("schema_version", schema);
      facts.put("java", Runtime.version().toString());
      cli.out().println(Json.text(facts));
    } else {
      cli.out()
          .println(
              "noetl "
                  + build.version()
                  + " (commit "
                  + build.commit()
                  + ", schema version "
                  + schema
                  + ", Java "
                  + Runtime.version()
                  + ")");
    }
    return Exit.OK;
  }
}
