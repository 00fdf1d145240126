package io.noetl.playbook;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * {@code spec} of a step.
 *
 * @param timeout limit for one command of the step, null = executor default
 * @param onError what an error of the step means
 */
public record StepOptions(@Nullable Duration timeout, OnError onError) {

  public static final StepOptions DEFAULT = new StepOptions(null, OnError.ROUTE);

  /** Meaning of an error of one step. */
  public enum OnError {
    /** The rules of routing decide. */
    ROUTE,
    /** An unhandled soft error is hard. */
    FAIL,
    /** A hard error is downgraded to soft and arcs are taken as after a success. */
    CONTINUE
  }
}
