package io.noetl.journal;

import io.noetl.execution.Awaited;
import io.noetl.execution.Awaited.Child;
import io.noetl.execution.Awaited.Signal;
import io.noetl.execution.Awaited.Timer;
import io.noetl.execution.Awaited.Until;
import io.noetl.execution.ExecutionEvent.WaitOpened;
import io.noetl.journal.Commit.Opened;
import io.noetl.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a batch does to the rows of waits. */
final class WaitRows {
  private WaitRows() {}

  /**
   * A row to insert.
   *
   * @param timeoutMs null = it waits until then, or for ever
   * @param until a moment, or null
   */
  record WaitRow(
      long waitId,
      long executionId,
      String tenantId,
      String kind,
      String state,
      @Nullable String step,
      @Nullable Long childId,
      boolean untilEnd,
      String request,
      @Nullable Long timeoutMs,
      @Nullable String until) {}

  /**
   * @param executionId whose commit says so: the parent when it closes, the child when it answers
   * @param action {@code CLOSE}, {@code BEGIN}, {@code END} or {@code BOTH}
   */
  record WaitChange(long executionId, long waitId, String action) {}

  static List<WaitChange> changes(List<Commit> commits) {
    List<WaitChange> changes = new ArrayList<>();
    for (Commit commit : commits) {
      long executionId = commit.state().executionId();
      for (long waitId : commit.closed()) {
        changes.add(new WaitChange(executionId, waitId, "CLOSE"));
      }
      Long answers = commit.answers();
      if (answers != null) {
        boolean ends = commit.state().status().terminal();
        changes.add(
            new WaitChange(
                executionId, answers, !ends ? "BEGIN" : commit.fresh() ? "BOTH" : "END"));
      }
    }
    return changes;
  }

  static List<WaitRow> opened(List<Commit> commits) {
    List<WaitRow> rows = new ArrayList<>();
    for (Commit commit : commits) {
      long executionId = commit.state().executionId();
      for (Opened opened : commit.opened()) {
        rows.add(row(commit.tenantId(), executionId, opened.waitId(), opened.event()));
      }
      Commit.Cascade cascade = commit.cascade();
      if (cascade != null) {
        rows.add(
            new WaitRow(
                cascade.eventId(),
                executionId,
                commit.tenantId(),
                "cascade",
                "CASCADE",
                null,
                null,
                true,
                Json.text(Map.of("reason", cascade.reason())),
                null,
                null));
      }
    }
    return rows;
  }

  private static WaitRow row(String tenantId, long executionId, long waitId, WaitOpened event) {
    Duration timeout = event.timeout();
    Long timeoutMs = timeout == null ? null : (Long) timeout.toMillis();
    return switch (event.awaited()) {
      case Child child ->
          new WaitRow(
              waitId,
              executionId,
              tenantId,
              WaitCodec.kind(child),
              "START",
              event.step(),
              child.executionId(),
              child.until() != Until.STARTED,
              Json.text(WaitCodec.encode(child)),
              timeoutMs,
              null);
      // Nothing has to be begun: the row is there to end the wait when its time is over.
      case Signal signal -> waits(tenantId, executionId, waitId, event, signal, timeoutMs, null);
      case Timer timer ->
          waits(
              tenantId,
              executionId,
              waitId,
              event,
              timer,
              timeoutMs,
              timer.until() == null ? null : timer.until().toString());
    };
  }

  private static WaitRow waits(
      String tenantId,
      long executionId,
      long waitId,
      WaitOpened event,
      Awaited awaited,
      @Nullable Long timeoutMs,
      @Nullable String until) {
    return new WaitRow(
        waitId,
        executionId,
        tenantId,
        WaitCodec.kind(awaited),
        "WAIT",
        event.step(),
        null,
        true,
        Json.text(WaitCodec.encode(awaited)),
        timeoutMs,
        until);
  }
}
