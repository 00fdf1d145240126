package io.noetl.playbook;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Run options of a playbook, from {@code executor.spec}.
 *
 * @param entryStep first step, or null for {@code start}
 * @param finalStep step that runs once when everything else has finished without a hard failure
 * @param noNextIsError a step that has arcs of which none matched fails the execution
 * @param defaultTimeout step timeout where the step names none; null = none
 * @param failureMode what an unhandled soft error does
 */
public record ExecutorOptions(
    @Nullable String entryStep,
    @Nullable String finalStep,
    boolean noNextIsError,
    @Nullable Duration defaultTimeout,
    FailureMode failureMode) {

  public static final ExecutorOptions DEFAULT =
      new ExecutorOptions(null, null, false, null, FailureMode.ROUTE);

  /** What an unhandled soft error of a step does to the execution. */
  public enum FailureMode {
    /** It fails the execution unless an arc takes it. */
    ROUTE,
    /** It fails the execution like a hard error. */
    FAIL_FAST,
    /** It never fails the execution. */
    BEST_EFFORT
  }
}
