package io.noetl.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code noetl token}: what callers show a server with {@code auth.mode} token. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Makes tokens for a server with auth.mode token.",
    footer = {"", "Example:", "  noetl token new --subject ada --tenant acme --role user"})
final class TokenCommand implements Callable<Integer> {
  private final Cli cli;
  @Spec private @Nullable CommandSpec spec;

  private TokenCommand(Cli cli) {
    this.cli = cli;
  }

  /** The command with all its own. */
  static CommandLine line(Cli cli) {
    CommandLine line = new CommandLine(new TokenCommand(cli));
    line.addSubcommand("new", new TokenNewCommand(cli));
    return line;
  }

  @Override
  public Integer call() {
    Options.given(spec).commandLine().usage(cli.err());
    return Exit.USAGE;
  }
}
