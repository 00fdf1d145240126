package io.noetl.journal;

import io.noetl.execution.ExecutionState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The columns of an execution's row that are derived from its events, by name. */
public final class RowColumns {
  /** In the order of {@link #of}, as a select list names them. */
  public static final String NAMES =
      "status, seq, current_step, steps_total, steps_done, steps_failed, steps_running, error,"
          + " result, ended_at";

  private RowColumns() {}

  /** What they must be after these events. */
  public static Map<String, @Nullable Object> of(ExecutionState state) {
    Map<String, @Nullable Object> columns = new LinkedHashMap<>();
    columns.put("status", state.status().name());
    columns.put("seq", state.seq());
    columns.put("current_step", PostgresJournal.currentStep(state));
    columns.put("steps_total", state.steps().size());
    columns.put("steps_done", state.stepsDone());
    columns.put("steps_failed", state.failedSteps().size());
    columns.put("steps_running", PostgresJournal.running(state));
    columns.put("error", state.error());
    columns.put("result", PostgresJournal.result(state));
    Instant ended = state.endedAt();
    columns.put("ended_at", ended == null ? null : ended.toString());
    return columns;
  }

  /**
   * What they are.
   *
   * @param first index of the first in the row
   */
  public static Map<String, @Nullable Object> read(ResultSet row, int first) throws SQLException {
    Map<String, @Nullable Object> stored = new LinkedHashMap<>();
    stored.put("status", row.getString(first));
    stored.put("seq", row.getInt(first + 1));
    stored.put("current_step", row.getString(first + 2));
    stored.put("steps_total", row.getInt(first + 3));
    stored.put("steps_done", row.getInt(first + 4));
    stored.put("steps_failed", row.getInt(first + 5));
    stored.put("steps_running", row.getInt(first + 6));
    stored.put("error", row.getString(first + 7));
    stored.put("result", row.getString(first + 8));
    OffsetDateTime ended = row.getObject(first + 9, OffsetDateTime.class);
    stored.put("ended_at", ended == null ? null : ended.toInstant().toString());
    return stored;
  }
}
