package io.noetl.cli;

import io.noetl.config.ConfigException;
import io.noetl.postgres.DatabaseException;
import io.noetl.support.AddressTakenException;
import io.noetl.support.Lifecycles.LifecycleException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what went wrong: a sentence for what a person can put right, all of it for a bug. */
final class Failures {
  private static final int MOST_CAUSES = 20;

  private Failures() {}

  /**
   * @return the exit code
   */
  static int report(PrintWriter err, Throwable failure) {
    Throwable known = known(failure);
    if (known != null) {
      err.println("noetl: " + known.getMessage());
      err.flush();
      return Exit.USAGE;
    }
    err.println("noetl: this is a bug, please report it:");
    failure.printStackTrace(err);
    err.flush();
    return Exit.BUG;
  }

  /** The command line cannot be read: what is wrong, what may have been meant, where to read on. */
  static int usage(PrintWriter err, ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    if (wrong instanceof UnmatchedArgumentException unmatched
        && command.getParent() == null
        && !unmatched.getUnmatched().getFirst().startsWith("-")) {
      err.println(
          "noetl: Expected a command ("
              + String.join(", ", command.getSubcommands().keySet())
              + "), but got '"
              + unmatched.getUnmatched().getFirst()
              + "'");
    } else {
      err.println("noetl: " + wrong.getMessage());
    }
    UnmatchedArgumentException.printSuggestions(wrong, err);
    err.println("  " + command.getCommandSpec().qualifiedName() + " --help explains it");
    err.flush();
    return Exit.USAGE;
  }

  /** The failure in the chain of causes that a person can put right. */
  private static @Nullable Throwable known(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; cause != null && i < MOST_CAUSES; i++) {
      if (cause instanceof UserError
          || cause instanceof ApiException
          || cause instanceof UnreachableException
          || cause instanceof ConfigException
          || cause instanceof DatabaseException
          || cause instanceof AddressTakenException) {
        return cause;
      }
      // A part that did not start in time has no cause but says all there is to say.
      if (cause instanceof LifecycleException && cause.getCause() == null) {
        return cause;
      }
      cause = cause.getCause();
    }
    return null;
  }
}
