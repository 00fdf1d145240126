package io.noetl.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code noetl policy}: what callers may beyond the built-in rules. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Looks at and changes policies: rbac (what roles may) and auth (which roles callers have)."
    },
    footer = {
      "",
      "All but check ask a server, and need its internal token (auth.internal-token) or a --token"
          + " of",
      "an operator of every tenant. docs/policies.md says how policies are written."
    })
final class PolicyCommand implements Callable<Integer> {
  private final Cli cli;
  @Spec private @Nullable CommandSpec spec;

  private PolicyCommand(Cli cli) {
    this.cli = cli;
  }

  /** The command with all its own. */
  static CommandLine line(Cli cli) {
    CommandLine line = new CommandLine(new PolicyCommand(cli));
    line.addSubcommand("check", new PolicyCheckCommand(cli));
    line.addSubcommand("set", new PolicySetCommand(cli));
    line.addSubcommand("show", new PolicyShowCommand(cli));
    line.addSubcommand("test", new PolicyTestCommand(cli));
    line.addSubcommand("remove", new PolicyRemoveCommand(cli));
    return line;
  }

  @Override
  public Integer call() {
    Options.given(spec).commandLine().usage(cli.err());
    return Exit.USAGE;
  }
}
