package io.noetl.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code noetl plugin}: the author's tools for WASM plug-ins. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Makes, builds, inspects, tests and pushes WASM plug-ins.",
    footer = {
      "",
      "Examples:",
      "  noetl plugin new greet                          a folder with source, fixture, build line",
      "  noetl plugin new --language rust greet          or assemblyscript",
      "  noetl plugin build greet && noetl plugin test greet",
      "  noetl plugin check greet                        admitted or not, and what it may do",
      "  noetl plugin inspect greet                      imports, limits, fuel of each fixture",
      "  noetl plugin push tools/greet greet --server http://127.0.0.1:8082",
      "  noetl plugin push system/greet greet --key key.pem       signed, by the internal route",
      "  noetl plugin logs EXECUTION --server http://127.0.0.1:8082",
      "  noetl plugin replay greet recording.json        a recorded call, without a server"
    })
final class PluginCommand implements Callable<Integer> {
  private final Cli cli;
  @Spec private @Nullable CommandSpec spec;

  private PluginCommand(Cli cli) {
    this.cli = cli;
  }

  /** The command with all its own. */
  static CommandLine line(Cli cli) {
    CommandLine line = new CommandLine(new PluginCommand(cli));
    line.addSubcommand("new", new PluginNewCommand(cli));
    line.addSubcommand("build", new PluginBuildCommand());
    line.addSubcommand("check", new PluginCheckCommand(cli));
    line.addSubcommand("inspect", new PluginInspectCommand(cli));
    line.addSubcommand("test", new PluginTestCommand(cli));
    line.addSubcommand("replay", new PluginReplayCommand(cli));
    line.addSubcommand("sign", new PluginSignCommand(cli));
    line.addSubcommand("push", new PluginPushCommand(cli));
    line.addSubcommand("install-system", new PluginInstallSystemCommand(cli));
    line.addSubcommand("logs", new PluginLogsCommand(cli));
    return line;
  }

  @Override
  public Integer call() {
    Options.given(spec).commandLine().usage(cli.err());
    return Exit.USAGE;
  }
}
