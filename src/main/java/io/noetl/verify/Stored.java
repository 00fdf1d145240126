package io.noetl.verify;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows as they are stored, with what the check needs of them. */
final class Stored {
  private Stored() {}

  /** A row that belongs to an execution. */
  interface Owned {
    long executionId();
  }

  /**
   * @param archived whether its events are in a file, and not in the log
   * @param columns those that are derived from the events
   */
  record Execution(
      long executionId,
      String tenantId,
      long catalogId,
      String path,
      int version,
      @Nullable Long parentExecutionId,
      boolean archived,
      Map<String, @Nullable Object> columns)
      implements Owned {}

  record Event(
      long executionId,
      int seq,
      long eventId,
      String type,
      String tenantId,
      Instant at,
      String payload)
      implements Owned {}

  /**
   * @param late seconds since somebody should have looked; negative = not yet, null = never will
   */
  record Command(
      long commandId,
      long executionId,
      String tenantId,
      String step,
      String status,
      @Nullable String workerId,
      @Nullable Double late)
      implements Owned {
    boolean dead() {
      return status.equals("DEAD");
    }
  }

  /**
   * @param late as of a command
   * @param childFound whether the child has a row
   * @param childEnded whether it has ended
   */
  record Wait(
      long waitId,
      long executionId,
      String tenantId,
      String kind,
      String state,
      @Nullable Long childId,
      boolean childFound,
      boolean childEnded,
      @Nullable Double late)
      implements Owned {
    boolean cascade() {
      return kind.equals("cascade");
    }
  }

  /**
   * @param expired its time is over and its content gone
   * @param content whether the content is there
   * @param age in seconds
   */
  record Result(
      long resultId,
      long executionId,
      String tenantId,
      String name,
      String scope,
      boolean expired,
      boolean content,
      double age)
      implements Owned {}
}
