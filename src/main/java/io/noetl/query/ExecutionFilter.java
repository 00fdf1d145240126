package io.noetl.query;

import io.noetl.envelope.ExecutionStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which executions to list, the newest first. Null means all.
 *
 * @param before only those older than this execution: the cursor
 */
public record ExecutionFilter(
    @Nullable Long catalogId,
    @Nullable String path,
    @Nullable ExecutionStatus status,
    @Nullable Long parentExecutionId,
    @Nullable Instant since,
    @Nullable Instant until,
    @Nullable Long before,
    int limit,
    int offset) {
  /** Most rows of one page. */
  public static final int MAX_PAGE = 1_000;

  public ExecutionFilter {
    if (limit < 1 || limit > MAX_PAGE) {
      throw new IllegalArgumentException(
          "Expected a limit from 1 to " + MAX_PAGE + ", but got " + limit);
    }
  }
}
