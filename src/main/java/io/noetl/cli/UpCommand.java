package io.noetl.cli;

import io.noetl.config.NoetlConfig;
import io.noetl.mode.EmbeddedRuntime;
import java.io.PrintWriter;
import java.net.URI;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code noetl up}: every role in this process, until it is told to stop. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Starts every role in this process and stays; its data survives restarts.",
    footer = {
      "",
      "Brings its own PostgreSQL, and a bus in memory, where none is configured (POSTGRES_HOST,",
      "NATS_URL). Ctrl-C or SIGTERM stops it cleanly.",
      "",
      "Examples:",
      "  noetl up",
      "  noetl up --port 9000 --data /var/lib/noetl"
    })
final class UpCommand implements Callable<Integer> {
  private final Cli cli;

  @Mixin private @Nullable EmbeddedOptions embedded;
  @Mixin private @Nullable ConfigOptions config;
  @Mixin private @Nullable RoleOptions role;

  UpCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    var loaded = Options.given(config).load(Options.given(embedded).settings());
    if (Options.given(role).printConfig()) {
      PrintConfigCommand.printEffective(cli.out(), loaded.entries());
      return Exit.OK;
    }
    NoetlConfig settings = loaded.config();
    EmbeddedRuntime runtime = cli.roles().embedded();
    Foreground foreground = Foreground.watch(cli.err(), runtime);
    URI api;
    try {
      api = runtime.start(settings);
    } catch (RuntimeException e) {
      foreground.forget();
      runtime.close();
      throw e;
    }
    say(cli.out(), api, settings, runtime);
    try {
      foreground.untilStopped();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Exit.OK;
  }

  static void say(PrintWriter out, URI api, NoetlConfig settings, EmbeddedRuntime runtime) {
    out.println("noetl is up");
    out.println("  API    " + api);
    out.println("  data   " + settings.data().folder().toAbsolutePath().normalize());
    runtime.facts().forEach(fact -> out.println("  " + fact));
    out.println("Try, in another terminal:");
    out.println("  noetl run docs/examples/hello.yaml --server " + api);
    out.println("  curl " + api + "/api/health");
    out.println("Ctrl-C stops it; the data stays.");
    out.flush();
  }
}
