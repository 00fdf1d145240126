package io.noetl.cli;

import io.noetl.config.ConfigLoader;
import io.noetl.config.NoetlConfig;
import io.noetl.mode.Mode;
import io.noetl.postgres.Migrations;
import io.noetl.support.Lifecycle;
import java.time.Duration;
import java.util.Map;

/** Runs one role until it is told to stop. */
final class RoleProcess {
  private final Cli cli;

  RoleProcess(Cli cli) {
    this.cli = cli;
  }

  /**
   * @return the exit code, when the role could not start
   */
  int run(Mode mode, ConfigOptions options, RoleOptions roleOptions) {
    ConfigLoader.Loaded loaded = options.load(Map.of());
    if (roleOptions.printConfig()) {
      PrintConfigCommand.printEffective(cli.out(), loaded.entries());
      return Exit.OK;
    }
    NoetlConfig config = loaded.config();
    long began = System.nanoTime();
    Lifecycle role = role(mode, config);
    Foreground foreground = Foreground.watch(cli.err(), role);
    try {
      if (roleOptions.migrate() && config.database().configured()) {
        new Migrations(config.database()).migrate(this::waiting);
      }
      role.start();
    } catch (RuntimeException e) {
      foreground.forget();
      throw e;
    }
    cli.err()
        .println(
            "noetl: "
                + mode.word()
                + " started in "
                + Spans.text(Duration.ofNanos(System.nanoTime() - began)));
    try {
      foreground.untilStopped();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Exit.OK;
  }

  private Lifecycle role(Mode mode, NoetlConfig config) {
    try {
      return cli.roles().role(mode, config);
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  private void waiting(String reason) {
    cli.err().println("noetl: waiting: " + reason);
  }
}
