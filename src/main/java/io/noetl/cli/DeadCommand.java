package io.noetl.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code noetl dead}: what nobody could do or handle. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Lists, shows, retries and drops dead letters.",
    footer = {
      "",
      "A dead command is one whose attempts were used up: its workers died of it, or never came",
      "back. A dead message is one of the bus that nobody could read, or that speaks of nothing",
      "known. Each has its reason. Messages are named m1, m2 and so on, commands by their ids.",
      "",
      "Retrying a command starts its playbook once more, in the same version and with the same",
      "payload, when its execution has ended. Retrying a message has the command offered again of",
      "which it speaks. Dropping forgets, and changes no execution. noetl doctor looks for",
      "executions that wait for nothing.",
      "",
      "Examples:",
      "  noetl dead list",
      "  noetl dead show 643190240526602240",
      "  noetl dead retry 643190240526602240 m12",
      "  noetl dead drop --all                         forgets every one of them",
      "  noetl dead list --server https://noetl.example.com -o json"
    })
final class DeadCommand implements Callable<Integer> {
  private final Cli cli;
  @Spec private @Nullable CommandSpec spec;

  private DeadCommand(Cli cli) {
    this.cli = cli;
  }

  /** The command with all its own. */
  static CommandLine line(Cli cli) {
    CommandLine line = new CommandLine(new DeadCommand(cli));
    line.addSubcommand("list", new DeadListCommand(cli));
    line.addSubcommand("show", new DeadShowCommand(cli));
    line.addSubcommand("retry", new DeadSettleCommand.Retry(cli));
    line.addSubcommand("drop", new DeadSettleCommand.Drop(cli));
    return line;
  }

  @Override
  public Integer call() {
    Options.given(spec).commandLine().usage(cli.err());
    return Exit.USAGE;
  }
}
