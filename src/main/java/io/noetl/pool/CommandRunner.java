package io.noetl.pool;

import io.noetl.tool.PutAside;
import io.noetl.tool.sequence.CommandResult;

/** Runs the tool of a command. Safe for use by many threads; each call blocks its thread. */
@FunctionalInterface
public interface CommandRunner {
  /**
   * @return what the command came to; every fault that an author can cause is an outcome
   * @throws InterruptedException when the command was cancelled or the worker stops
   * @throws PutAside when what the command does goes on outside: it is taken up again later
   * @throws GiveBackException when this worker cannot run it now but another, or a later try, may
   * @throws NextAttemptException when the platform failed in the middle of it
   */
  CommandResult run(Claimed command) throws InterruptedException;

  /** The command is given back without counting the attempt. */
  final class GiveBackException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GiveBackException(String reason) {
      super(reason);
    }
  }

  /**
   * The command began, and the platform failed it: nothing is reported, its lease runs out, and it
   * is offered again as often as any command whose worker died.
   */
  final class NextAttemptException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NextAttemptException(String reason) {
      super(reason);
    }
  }
}
