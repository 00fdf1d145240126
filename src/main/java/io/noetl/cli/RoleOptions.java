package io.noetl.cli;

import picocli.CommandLine.Option;

/** Options of a process that stays. */
final class RoleOptions {
  @Option(
      names = "--migrate",
      description = "Brings the database's schema up to date first, under a lock.")
  private boolean migrate;

  @Option(
      names = "--print-config",
      description = "Shows the settings in force, with secrets masked, and ends.")
  private boolean printConfig;

  boolean migrate() {
    return migrate;
  }

  boolean printConfig() {
    return printConfig;
  }
}
