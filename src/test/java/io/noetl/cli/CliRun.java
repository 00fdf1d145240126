package io.noetl.cli;

import io.noetl.mode.Wiring;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/**
 * What one command line did, for tests outside this package.
 *
 * @param out what it wrote to stdout
 * @param err what it wrote to stderr
 */
public record CliRun(int exit, String out, String err) {

  /** Runs {@code noetl} with these arguments in this process. */
  public static CliRun of(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Cli cli =
        new Cli(
            new Wiring(),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            new Terminal(false, false, 100));
    int exit = NoetlCommand.execute(cli, arguments.toArray(String[]::new));
    return new CliRun(exit, out.toString(), err.toString());
  }
}
