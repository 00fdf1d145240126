package io.noetl.pool;

import io.noetl.playbook.value.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the tool of a command. Safe for use by many threads; each call blocks its thread. */
@FunctionalInterface
public interface CommandRunner {
  /**
   * @return what the command came to; every fault that an author can cause is an outcome
   * @throws InterruptedException when the command was cancelled or the worker stops
   */
  Finished run(Claimed command) throws InterruptedException;

  /**
   * @param writes variables that policies inside the command have set, in order
   */
  record Finished(Outcome outcome, List<Write> writes) {}

  /** The member of a variable at {@code path} becomes {@code value}. */
  record Write(List<String> path, @Nullable Object value) {}
}
