package io.noetl.cli;

import io.noetl.config.DatabaseConfig;
import io.noetl.postgres.Migrations;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code noetl migrate}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Brings the schema of your PostgreSQL up to date.",
    footer = {
      "",
      "Of several processes that do this at once one does the work. Waits for a database that is",
      "not there yet, at most database.start-timeout. Mode all does it by itself for the database",
      "that it brings.",
      "",
      "Example:",
      "  POSTGRES_HOST=db POSTGRES_PASSWORD=secret noetl migrate"
    })
final class MigrateCommand implements Callable<Integer> {
  private final Cli cli;

  @Mixin private @Nullable ConfigOptions config;

  MigrateCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    DatabaseConfig database = Options.given(config).load(Map.of()).config().database();
    if (!database.configured()) {
      throw new UserError(
          "Expected the address of PostgreSQL, but none is set: set POSTGRES_HOST (database.host)");
    }
    int applied =
        new Migrations(database).migrate(reason -> cli.err().println("noetl: waiting: " + reason));
    cli.out()
        .println(
            database.place()
                + " is at schema version "
                + Migrations.newest()
                + (applied == 0
                    ? ", nothing was to be done"
                    : ", " + applied + (applied == 1 ? " migration" : " migrations") + " applied"));
    return Exit.OK;
  }
}
