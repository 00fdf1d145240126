package io.noetl.cli;

import io.noetl.mode.Mode;
import io.noetl.mode.Roles;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noetl}: the list of commands, and {@code --mode}, which is another way to say a role. */
@Command(
    name = "noetl",
    sortOptions = false,
    usageHelpWidth = 100,
    synopsisHeading = "Usage: ",
    customSynopsis = {"noetl COMMAND [OPTIONS]", "       noetl --mode=ROLE [OPTIONS]", ""},
    header = {"Runs playbooks: an event-sourced control plane in one program.", ""},
    commandListHeading = "%nCommands:%n",
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Examples:",
      "  noetl run docs/examples/hello.yaml            one playbook, from nothing to its result",
      "  noetl run hello.yaml --set name=Ada -o json   with input, and JSON for scripts",
      "  noetl up                                      a server on http://127.0.0.1:8082 that"
          + " stays",
      "  noetl run hello.yaml --server http://127.0.0.1:8082",
      "  noetl validate *.yaml                         every fault of every file, with its place",
      "  noetl plugin new greet                        a WASM plug-in; see noetl plugin --help",
      "  noetl migrate && noetl server                 one role, on your own PostgreSQL and NATS",
      "",
      "Exit codes: 0 done (of an execution: COMPLETED), 1 FAILED or CANCELLED or invalid,",
      "  2 wrong usage or settings, unreadable file, server or database out of reach, 3 a bug,",
      "  130 ended by Ctrl-C.",
      "",
      "To read on: README.md, docs/examples/, docs/running.md (every role as its own process),",
      "  docs/configuration.md (all settings), docs/architecture.md."
    })
public final class NoetlCommand implements Callable<Integer> {
  private final Cli cli;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--mode",
      paramLabel = "ROLE",
      description =
          "server, publisher, projector, system-pool (or system), worker or all; the same as the"
              + " command of this name.")
  private @Nullable String mode;

  @Mixin private @Nullable ConfigOptions config;
  @Mixin private @Nullable RoleOptions role;

  @Option(
      names = {"-V", "--version"},
      description = "Shows which build this is.")
  private boolean version;

  private NoetlCommand(Cli cli) {
    this.cli = cli;
  }

  /**
   * Runs one command line.
   *
   * @return the exit code
   */
  public static int execute(Roles roles, String... arguments) {
    Logs.configure();
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    return execute(new Cli(roles, out, err, Terminal.detect()), arguments);
  }

  /** As {@link #execute(Roles, String...)}, with other streams. */
  static int execute(Cli cli, String... arguments) {
    CommandLine command = new CommandLine(new NoetlCommand(cli));
    command.addSubcommand("run", new RunCommand(cli));
    command.addSubcommand("up", new UpCommand(cli));
    command.addSubcommand("validate", new ValidateCommand(cli));
    command.addSubcommand("plugin", PluginCommand.line(cli));
    command.addSubcommand("token", TokenCommand.line(cli));
    command.addSubcommand("policy", PolicyCommand.line(cli));
    for (Mode mode : Mode.values()) {
      RoleCommand role = new RoleCommand(cli, mode);
      CommandLine sub = new CommandLine(role);
      sub.getCommandSpec().usageMessage().description("Starts this role: " + mode.about() + ".");
      if (mode == Mode.SYSTEM_POOL) {
        command.addSubcommand(mode.word(), sub, "system");
      } else {
        command.addSubcommand(mode.word(), sub);
      }
    }
    command.addSubcommand("migrate", new MigrateCommand(cli));
    command.addSubcommand("bench", new BenchCommand(cli));
    command.addSubcommand("verify", new VerifyCommand(cli));
    command.addSubcommand("doctor", new DoctorCommand(cli));
    command.addSubcommand("dead", DeadCommand.line(cli));
    command.addSubcommand("chaos", new ChaosCommand(cli));
    command.addSubcommand("print-config", new PrintConfigCommand(cli));
    command.addSubcommand("version", new VersionCommand(cli));
    addHelp(command);
    for (CommandLine sub : command.getSubcommands().values()) {
      addHelp(sub);
      sub.getSubcommands().values().forEach(NoetlCommand::addHelp);
    }
    command.setOut(cli.out());
    command.setErr(cli.err());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    // "--mode worker" names a command, too.
    command.setAllowSubcommandsAsOptionParameters(true);
    command.setParameterExceptionHandler((wrong, _) -> Failures.usage(cli.err(), wrong));
    command.setExecutionExceptionHandler((failure, _, _) -> Failures.report(cli.err(), failure));
    return command.execute(arguments);
  }

  private static void addHelp(CommandLine command) {
    // Under two names a command is here twice.
    if (command.getCommandSpec().findOption("--help") == null) {
      command
          .getCommandSpec()
          .addOption(
              OptionSpec.builder("-h", "--help")
                  .usageHelp(true)
                  .description("Shows this.")
                  .build());
    }
  }

  @Override
  public Integer call() {
    if (version) {
      return new VersionCommand(cli).call();
    }
    CommandSpec ownSpec = Options.given(spec);
    if (mode == null) {
      ownSpec.commandLine().usage(cli.err());
      return Exit.USAGE;
    }
    String word = mode;
    Mode chosen =
        Mode.of(word)
            .orElseThrow(
                () ->
                    new UserError(
                        "Expected --mode server, publisher, projector, system-pool, worker or all,"
                            + " but got '"
                            + word
                            + "'"));
    return new RoleProcess(cli).run(chosen, Options.given(config), Options.given(role));
  }
}
