package io.noetl.query;

import io.noetl.archive.EventRecall;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Events of executions whose tenant the caller has checked: what was projected and what is still in
 * the outbox, in the order of their positions. Safe for use by many threads.
 */
public final class EventPages {
  private static final String FIELDS =
      " select execution_id, seq, event_id, event_type, created_at, payload from noetl.";

  private final Database database;
  private final EventRecall recall;

  /** Where nothing is archived. */
  public EventPages(Database database) {
    this(database, EventRecall.NONE);
  }

  /**
   * @param recall asked for the events of an execution of which a read found none
   */
  public EventPages(Database database, EventRecall recall) {
    this.database = database;
    this.recall = recall;
  }

  /** One statement, so that an event on its way from the outbox to the log is seen exactly once. */
  private static String log(String where) {
    return "("
        + FIELDS
        + "event where "
        + where
        + " union all"
        + FIELDS
        + "event_outbox where "
        + where
        + ") log";
  }

  /** Events at positions after {@code afterSeq}, up to {@code upToSeq}, at most {@code limit}. */
  public List<EventRow> range(long executionId, int afterSeq, int upToSeq, int limit) {
    String where = "execution_id = ? and seq > ? and seq <= ?";
    return rows(
        "select * from " + log(where) + " order by seq limit ?",
        executionId,
        afterSeq,
        upToSeq,
        executionId,
        afterSeq,
        upToSeq,
        limit);
  }

  /** Events of one type after a position. */
  public List<EventRow> ofType(long executionId, String type, int afterSeq, int limit, int offset) {
    String where = "execution_id = ? and event_type = ? and seq > ?";
    return rows(
        "select * from " + log(where) + " order by seq limit ? offset ?",
        executionId,
        type,
        afterSeq,
        executionId,
        type,
        afterSeq,
        limit,
        offset);
  }

  /** How many events of one type the execution has after a position. */
  public int countOfType(long executionId, String type, int afterSeq) {
    int found = countNow(executionId, type, afterSeq);
    return found == 0 && recall.recall(executionId) ? countNow(executionId, type, afterSeq) : found;
  }

  private int countNow(long executionId, String type, int afterSeq) {
    String where = "execution_id = ? and event_type = ? and seq > ?";
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement("select count(*)::int from " + log(where))) {
            bind(statement, executionId, type, afterSeq, executionId, type, afterSeq);
            try (ResultSet rows = statement.executeQuery()) {
              rows.next();
              return rows.getInt(1);
            }
          }
        });
  }

  /** Events up to a position that say that something failed, at most {@code limit}. */
  public List<EventRow> failures(long executionId, int upToSeq, int limit) {
    String where = "execution_id = ? and seq <= ? and payload->>'status' = 'FAILED'";
    return rows(
        "select * from " + log(where) + " order by seq limit ?",
        executionId,
        upToSeq,
        executionId,
        upToSeq,
        limit);
  }

  /** The position of an event in its execution; empty when it is not of this execution. */
  public Optional<Integer> position(long executionId, long eventId) {
    String where = "execution_id = ? and event_id = ?";
    return rows("select * from " + log(where), executionId, eventId, executionId, eventId).stream()
        .map(EventRow::seq)
        .findFirst();
  }

  /**
   * One event by its id alone.
   *
   * @param tenantId whose event it must be
   */
  public Optional<EventRow> byId(String tenantId, long eventId) {
    String where = "event_id = ? and tenant_id = ?";
    return rowsNow("select * from " + log(where), eventId, tenantId, eventId, tenantId).stream()
        .findFirst();
  }

  /**
   * How the report about a command was accepted.
   *
   * @param fence with which it was accepted; null when the server itself ended the command
   * @param attempt which delivery of the command it was
   */
  public record Finished(long eventId, int seq, String type, @Nullable Long fence, int attempt) {}

  /** The event that ended a command, if one did. Rare: asked for repeated reports only. */
  public Optional<Finished> finished(long executionId, long commandId) {
    Optional<Finished> found = finishedNow(executionId, commandId);
    return found.isEmpty() && recall.recall(executionId)
        ? finishedNow(executionId, commandId)
        : found;
  }

  private Optional<Finished> finishedNow(long executionId, long commandId) {
    String where =
"""
        execution_id = ? and event_type in ('call.done', 'call.error', 'command.failed')
            and payload->>'schema_name' in ('call_finished', 'iteration_finished', 'frame_claimed')
            and payload->>'command_id' = ?
""";
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "select event_id, seq, event_type, (payload->'meta'->>'fence')::bigint,"
                      + " coalesce((payload->'meta'->>'attempt')::int, 0) from "
                      + log(where))) {
            String command = Long.toString(commandId);
            bind(statement, executionId, command, executionId, command);
            try (ResultSet rows = statement.executeQuery()) {
              if (!rows.next()) {
                return Optional.empty();
              }
              long fence = rows.getLong(4);
              Long fenceOrNull = rows.wasNull() ? null : (Long) fence;
              return Optional.of(
                  new Finished(
                      rows.getLong(1),
                      rows.getInt(2),
                      rows.getString(3),
                      fenceOrNull,
                      rows.getInt(5)));
            }
          }
        });
  }

  /** The first event that was recorded for a producer's own id of it. */
  public Optional<EventRow> recorded(long executionId, String member, String value) {
    String where = "execution_id = ? and payload->>? = ?";
    return rows(
            "select * from " + log(where) + " order by seq limit 1",
            executionId,
            member,
            value,
            executionId,
            member,
            value)
        .stream()
        .findFirst();
  }

  /** The first event of this type that was recorded about a command. */
  public Optional<EventRow> recordedAbout(long executionId, String type, long commandId) {
    String where = "execution_id = ? and event_type = ? and payload->>'command_id' = ?";
    String command = Long.toString(commandId);
    return rows(
            "select * from " + log(where) + " order by seq limit 1",
            executionId,
            type,
            command,
            executionId,
            type,
            command)
        .stream()
        .findFirst();
  }

  /** The newest event that says what a step came to. */
  public Optional<EventRow> newestResult(long executionId, String step) {
    String where =
        """
        execution_id = ? and payload->>'schema_name'
              in ('call_finished', 'step_exited', 'loop_done')
            and payload->>'step' = ?
        """;
    return rows(
            "select * from " + log(where) + " order by seq desc limit 1",
            executionId,
            step,
            executionId,
            step)
        .stream()
        .findFirst();
  }

  /** Names of steps that have finished, in the order in which they first did. */
  public List<String> completedSteps(long executionId) {
    List<String> found = completedStepsNow(executionId);
    return found.isEmpty() && recall.recall(executionId) ? completedStepsNow(executionId) : found;
  }

  private List<String> completedStepsNow(long executionId) {
    String where =
        """
        execution_id = ? and event_type in ('call.done', 'call.error', 'command.failed', 'step.exit')
            and payload->>'schema_name' in ('call_finished', 'step_exited')
            and payload->>'status' = 'COMPLETED'
        """;
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "select payload->>'step' from " + log(where) + " group by 1 order by min(seq)")) {
            bind(statement, executionId, executionId);
            List<String> steps = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                steps.add(rows.getString(1));
              }
            }
            return steps;
          }
        });
  }

  /** Of one execution, which is the first value. */
  private List<EventRow> rows(String sql, Object... values) {
    List<EventRow> found = rowsNow(sql, values);
    return found.isEmpty() && recall.recall((long) values[0]) ? rowsNow(sql, values) : found;
  }

  private List<EventRow> rowsNow(String sql, Object... values) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            List<EventRow> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.add(
                    new EventRow(
                        rows.getLong(1),
                        rows.getInt(2),
                        rows.getLong(3),
                        rows.getString(4),
                        rows.getObject(5, OffsetDateTime.class).toInstant(),
                        rows.getString(6)));
              }
            }
            return found;
          }
        });
  }

  private static void bind(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }
}
