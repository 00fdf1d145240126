package io.noetl.journal;

import io.noetl.archive.ArchiveException;
import io.noetl.archive.EventRecall;
import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.Commit.Action;
import io.noetl.journal.Commit.CommandChange;
import io.noetl.journal.Commit.Issued;
import io.noetl.journal.WaitRows.WaitChange;
import io.noetl.journal.WaitRows.WaitRow;
import io.noetl.json.Json;
import io.noetl.postgres.DatabaseException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The log in PostgreSQL. Appends are one statement and one commit for a whole batch; reads are the
 * event table and what is still in the outbox, in one snapshot, so that an event on its way between
 * the two is seen exactly once.
 *
 * <p>Safe for use by many threads; each call takes a connection for its length.
 */
public final class PostgresJournal {
  /** Events of one page. */
  static final int PAGE = 500;

  private final DataSource appends;
  private final DataSource reads;
  private final CommandTimes times;
  private final Duration waitRetry;
  private final EventRecall recall;

  /**
   * @param appends connections in autocommit mode, with synchronous_commit on
   */
  public PostgresJournal(DataSource appends, DataSource reads, CommandTimes times) {
    this(appends, reads, times, Duration.ofSeconds(5), EventRecall.NONE);
  }

  /**
   * @param waitRetry how long the server that wrote a wait has to act upon it before others do
   * @param recall asked for the events of an execution of which none are in the log
   */
  public PostgresJournal(
      DataSource appends,
      DataSource reads,
      CommandTimes times,
      Duration waitRetry,
      EventRecall recall) {
    this.appends = appends;
    this.reads = reads;
    this.times = times;
    this.waitRetry = waitRetry;
    this.recall = recall;
  }

  /**
   * Appends a batch.
   *
   * @param at time of the events
   * @return the executions that were written; the others had moved on, or their commands had
   */
  Set<Long> append(List<Commit> commits, Instant at) throws SQLException {
    List<Commit> fresh = commits.stream().filter(Commit::fresh).toList();
    List<Commit> moved = commits.stream().filter(commit -> !commit.fresh()).toList();
    List<Row> events = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    List<Owned> issued = new ArrayList<>();
    for (Commit commit : commits) {
      collect(commit, events, changes, issued);
    }
    List<WaitChange> waits = WaitRows.changes(commits);
    List<WaitRow> opened = WaitRows.opened(commits);
    boolean offers = changes.stream().anyMatch(change -> change.change.action() != Action.SETTLE);
    AppendSql.Shape shape =
        new AppendSql.Shape(
            !fresh.isEmpty(),
            !moved.isEmpty(),
            !changes.isEmpty(),
            offers,
            !issued.isEmpty(),
            !waits.isEmpty(),
            !opened.isEmpty(),
            commits.stream().anyMatch(commit -> commit.pause() != null));
    OffsetDateTime time = at.atOffset(ZoneOffset.UTC);
    try (Connection connection = appends.getConnection();
        PreparedStatement statement = connection.prepareStatement(AppendSql.of(shape))) {
      Binder bind = new Binder(connection, statement);
      if (shape.changes()) {
        bind.longs(changes, change -> change.executionId);
        bind.longs(changes, change -> change.change.commandId());
        bind.longs(changes, change -> change.change.fence());
        bind.texts(changes, change -> change.change.action().name());
        bind.texts(changes, change -> change.change.reason());
      }
      if (shape.waits()) {
        bind.longs(waits, WaitChange::executionId);
        bind.longs(waits, WaitChange::waitId);
        bind.texts(waits, WaitChange::action);
      }
      if (shape.moved()) {
        bind.value(time);
        bind.longs(moved, commit -> commit.state().executionId());
        bind.ints(moved, Commit::expectedSeq);
        bind.ints(moved, commit -> commit.state().seq());
        bindState(bind, moved);
        bind.longs(moved, commit -> commit.state().executionId());
      }
      if (shape.fresh()) {
        bindFresh(bind, fresh, time);
      }
      if (shape.waits()) {
        bind.value(times.interval(waitRetry));
      }
      if (shape.offers()) {
        bind.value(times.interval(times.republishAfter()));
      }
      if (shape.pauses()) {
        bind.longs(paused(commits, Commit.Pause.BEGINS), commit -> commit.state().executionId());
        bind.longs(paused(commits, Commit.Pause.ENDS), commit -> commit.state().executionId());
      }
      if (shape.issued()) {
        bindIssued(bind, issued);
      }
      if (shape.opened()) {
        bindOpened(bind, opened);
      }
      bind.value(time);
      bind.longs(events, Row::executionId);
      bind.ints(events, Row::seq);
      bind.longs(events, Row::eventId);
      bind.texts(events, Row::type);
      bind.texts(events, Row::tenantId);
      bind.texts(events, Row::hintPool);
      bind.texts(events, Row::payload);
      Set<Long> written = new HashSet<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          written.add(rows.getLong(1));
        }
      }
      return written;
    }
  }

  private static List<Commit> paused(List<Commit> commits, Commit.Pause pause) {
    return commits.stream().filter(commit -> commit.pause() == pause).toList();
  }

  private void bindState(Binder bind, List<Commit> commits) throws SQLException {
    bind.texts(commits, commit -> commit.state().status().name());
    bind.texts(commits, commit -> currentStep(commit.state()));
    bind.ints(commits, commit -> commit.state().steps().size());
    bind.ints(commits, commit -> commit.state().stepsDone());
    bind.ints(commits, commit -> commit.state().failedSteps().size());
    bind.ints(commits, commit -> running(commit.state()));
    bind.texts(commits, commit -> commit.state().error());
    bind.texts(commits, PostgresJournal::result);
    bind.booleans(commits, commit -> commit.state().status().terminal());
  }

  private void bindFresh(Binder bind, List<Commit> fresh, OffsetDateTime time) throws SQLException {
    bind.value(time);
    bind.longs(fresh, commit -> commit.state().executionId());
    bind.texts(fresh, Commit::tenantId);
    bind.longs(fresh, commit -> commit.state().begun().catalogId());
    bind.texts(fresh, commit -> commit.state().begun().path());
    bind.ints(fresh, commit -> commit.state().begun().version());
    bind.texts(fresh, commit -> commit.state().status().name());
    bind.ints(fresh, commit -> commit.state().seq());
    bind.boxedLongs(fresh, commit -> commit.state().begun().parentExecutionId());
    bind.texts(fresh, commit -> currentStep(commit.state()));
    bind.ints(fresh, commit -> commit.state().steps().size());
    bind.ints(fresh, commit -> commit.state().stepsDone());
    bind.ints(fresh, commit -> commit.state().failedSteps().size());
    bind.ints(fresh, commit -> running(commit.state()));
    bind.texts(fresh, commit -> commit.state().error());
    bind.texts(fresh, PostgresJournal::result);
    bind.booleans(fresh, commit -> commit.state().status().terminal());
    bind.texts(fresh, commit -> commit.dedup() == null ? null : commit.dedup().key());
    bind.texts(fresh, commit -> commit.dedup() == null ? null : commit.dedup().digest());
    bind.boxedLongs(fresh, PostgresJournal::forkedRoot);
  }

  private static @Nullable Long forkedRoot(Commit commit) {
    ExecutionEvent.Origin origin = commit.state().begun().origin();
    return origin == null ? null : (Long) origin.rootId();
  }

  private void bindIssued(Binder bind, List<Owned> issued) throws SQLException {
    bind.value(times.maxAttempts());
    bind.value(times.interval(times.lease()));
    bind.value(times.interval(times.lease()));
    bind.value(times.interval(times.republishAfter()));
    bind.longs(issued, owned -> owned.issued.command().commandId());
    bind.longs(issued, owned -> owned.issued.command().executionId());
    bind.texts(issued, owned -> owned.tenantId);
    bind.texts(issued, owned -> owned.issued.command().step());
    bind.ints(issued, owned -> owned.issued.command().visit());
    bind.boxedInts(issued, owned -> owned.issued.command().iteration());
    bind.texts(issued, owned -> owned.issued.command().kind().word());
    bind.texts(issued, owned -> owned.issued.command().pool());
    bind.texts(issued, owned -> owned.issued.taker());
    bind.texts(issued, owned -> Json.text(owned.issued.command().context()));
    bind.booleans(issued, Owned::paused);
    bind.longs(issued, owned -> owned.issued.fence());
  }

  private void bindOpened(Binder bind, List<WaitRow> opened) throws SQLException {
    bind.value(times.interval(waitRetry));
    bind.longs(opened, WaitRow::waitId);
    bind.longs(opened, WaitRow::executionId);
    bind.texts(opened, WaitRow::tenantId);
    bind.texts(opened, WaitRow::kind);
    bind.texts(opened, WaitRow::state);
    bind.texts(opened, WaitRow::step);
    bind.boxedLongs(opened, WaitRow::childId);
    bind.booleans(opened, WaitRow::untilEnd);
    bind.texts(opened, WaitRow::request);
    bind.boxedLongs(opened, WaitRow::timeoutMs);
    bind.texts(opened, WaitRow::until);
  }

  private static void collect(
      Commit commit, List<Row> events, List<Change> changes, List<Owned> issued) {
    long executionId = commit.state().executionId();
    Set<Long> handedBack = new HashSet<>();
    for (Issued command : commit.issued()) {
      issued.add(new Owned(commit.tenantId(), command, commit.state().paused()));
      if (command.taker() != null) {
        handedBack.add(command.command().commandId());
      }
    }
    for (CommandChange change : commit.changes()) {
      changes.add(new Change(executionId, change));
    }
    for (StoredEvent stored : commit.events()) {
      events.add(
          new Row(
              executionId,
              stored.seq(),
              stored.eventId(),
              EventCodec.type(stored.event()),
              commit.tenantId(),
              hintPool(commit, stored, handedBack),
              Json.text(EventCodec.encode(stored.event()))));
    }
  }

  /**
   * A command that was handed back needs no hint, and neither does one that the batch also ended.
   */
  private static @Nullable String hintPool(
      Commit commit, StoredEvent stored, Set<Long> handedBack) {
    return switch (stored.event()) {
      case ExecutionEvent.CommandIssued e ->
          handedBack.contains(stored.eventId()) ? null : e.pool();
      case ExecutionEvent.CommandExpired e -> {
        var open = commit.state().commands().get(e.commandId());
        yield open == null ? null : open.pool();
      }
      default -> null;
    };
  }

  static @Nullable String currentStep(ExecutionState state) {
    return Stream.concat(state.commands().values().stream(), state.waits().values().stream())
        .map(ExecutionState.Open::step)
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  static int running(ExecutionState state) {
    return state.commands().size() + state.waits().size();
  }

  private static @Nullable String result(Commit commit) {
    return result(commit.state());
  }

  static @Nullable String result(ExecutionState state) {
    Object result = state.result();
    return result == null ? null : Json.text(result);
  }

  /**
   * The events of one execution after a position, in order.
   *
   * @throws CorruptLogException when one cannot be decoded, or a position is missing
   */
  public List<StoredEvent> read(long executionId, int afterSeq) throws SQLException {
    return read(executionId, afterSeq, Integer.MAX_VALUE);
  }

  /** As {@link #read(long, int)}, but at most {@value #PAGE} events. */
  List<StoredEvent> page(long executionId, int afterSeq) throws SQLException {
    return read(executionId, afterSeq, PAGE);
  }

  private List<StoredEvent> read(long executionId, int afterSeq, int limit) throws SQLException {
    List<StoredEvent> events = readNow(executionId, afterSeq, limit);
    if (!events.isEmpty() || afterSeq > 0) {
      return events;
    }
    try {
      return recall.recall(executionId) ? readNow(executionId, afterSeq, limit) : events;
    } catch (ArchiveException | DatabaseException e) {
      // As little as a database that is down does a lost file end the lane.
      throw new SQLException(e.getMessage(), e);
    }
  }

  private List<StoredEvent> readNow(long executionId, int afterSeq, int limit) throws SQLException {
    try (Connection connection = reads.getConnection()) {
      return read(connection, executionId, afterSeq, limit);
    }
  }

  /** As the public method, on a connection of the caller. */
  static List<StoredEvent> read(Connection connection, long executionId, int afterSeq)
      throws SQLException {
    return read(connection, executionId, afterSeq, Integer.MAX_VALUE);
  }

  static List<StoredEvent> read(Connection connection, long executionId, int afterSeq, int limit)
      throws SQLException {
    List<StoredEvent> events = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select seq, event_id, event_type, created_at, payload from noetl.event
             where execution_id = ? and seq > ?
            union all
            select seq, event_id, event_type, created_at, payload from noetl.event_outbox
             where execution_id = ? and seq > ?
            order by seq limit ?
            """)) {
      statement.setLong(1, executionId);
      statement.setInt(2, afterSeq);
      statement.setLong(3, executionId);
      statement.setInt(4, afterSeq);
      statement.setInt(5, limit);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          events.add(decoded(executionId, rows));
        }
      }
    }
    return events;
  }

  private static StoredEvent decoded(long executionId, ResultSet rows) throws SQLException {
    int seq = rows.getInt(1);
    String type = rows.getString(3);
    try {
      return new StoredEvent(
          rows.getLong(2),
          seq,
          rows.getObject(4, OffsetDateTime.class).toInstant(),
          EventCodec.decode(type, Json.parseObject(rows.getString(5))));
    } catch (IllegalArgumentException e) {
      throw new CorruptLogException(executionId, seq, type, String.valueOf(e.getMessage()));
    }
  }

  /**
   * How an earlier report about a command was accepted.
   *
   * @param fence with which it was accepted
   */
  public record Finished(long eventId, int seq, long fence) {}

  /** The accepted report about a command, if one ended it. Rare: asked only for repeats. */
  public @Nullable Finished finished(long executionId, long commandId) throws SQLException {
    for (StoredEvent stored : read(executionId, 0)) {
      if (stored.event() instanceof ExecutionEvent.CallFinished e && e.commandId() == commandId) {
        return new Finished(stored.eventId(), stored.seq(), e.fence());
      }
      if (stored.event() instanceof ExecutionEvent.FrameClaimed e
          && Objects.equals(e.commandId(), commandId)) {
        return new Finished(stored.eventId(), stored.seq(), e.fence());
      }
      if (stored.event() instanceof ExecutionEvent.IterationFinished e
          && Objects.equals(e.commandId(), commandId)) {
        return new Finished(stored.eventId(), stored.seq(), e.fence());
      }
    }
    return null;
  }

  /** Whether the row of a wait is there. */
  boolean waits(long waitId) throws SQLException {
    try (Connection connection = appends.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select exists (select 1 from noetl.wait where wait_id = ?)")) {
      statement.setLong(1, waitId);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  /** The execution that a start with this key began, with the digest of its request; or null. */
  @Nullable Started started(String tenantId, String dedupKey) throws SQLException {
    try (Connection connection = reads.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select execution_id, dedup_digest, catalog_id, path, version from noetl.execution
                 where tenant_id = ? and dedup_key = ?
                """)) {
      statement.setString(1, tenantId);
      statement.setString(2, dedupKey);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? new Started(rows.getLong(1), rows.getString(2)) : null;
      }
    }
  }

  record Started(long executionId, @Nullable String digest) {}

  private record Row(
      long executionId,
      int seq,
      long eventId,
      String type,
      String tenantId,
      @Nullable String hintPool,
      String payload) {}

  private record Change(long executionId, CommandChange change) {}

  private record Owned(String tenantId, Issued issued, boolean paused) {}

  /** Sets parameters one after the other; columns of a batch travel as arrays. */
  private static final class Binder {
    private final Connection connection;
    private final PreparedStatement statement;
    private int index;

    Binder(Connection connection, PreparedStatement statement) {
      this.connection = connection;
      this.statement = statement;
    }

    void value(Object value) throws SQLException {
      statement.setObject(++index, value);
    }

    <T> void longs(List<T> rows, java.util.function.ToLongFunction<T> column) throws SQLException {
      long[] values = new long[rows.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = column.applyAsLong(rows.get(i));
      }
      array("int8", values);
    }

    <T> void ints(List<T> rows, java.util.function.ToIntFunction<T> column) throws SQLException {
      int[] values = new int[rows.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = column.applyAsInt(rows.get(i));
      }
      array("int4", values);
    }

    <T> void boxedLongs(List<T> rows, java.util.function.Function<T, @Nullable Long> column)
        throws SQLException {
      array("int8", rows.stream().map(column).toArray(Long[]::new));
    }

    <T> void boxedInts(List<T> rows, java.util.function.Function<T, @Nullable Integer> column)
        throws SQLException {
      array("int4", rows.stream().map(column).toArray(Integer[]::new));
    }

    <T> void booleans(List<T> rows, java.util.function.Predicate<T> column) throws SQLException {
      boolean[] values = new boolean[rows.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = column.test(rows.get(i));
      }
      array("bool", values);
    }

    <T> void texts(List<T> rows, java.util.function.Function<T, @Nullable String> column)
        throws SQLException {
      @Nullable String[] values = new String[rows.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = column.apply(rows.get(i));
      }
      array("text", values);
    }

    private void array(String type, Object values) throws SQLException {
      Array array =
          connection.unwrap(org.postgresql.PGConnection.class).createArrayOf(type, values);
      statement.setArray(++index, array);
    }
  }

  /** How long things about commands take. */
  public record CommandTimes(Duration lease, Duration republishAfter, int maxAttempts) {
    public CommandTimes {
      if (maxAttempts < 1) {
        throw new IllegalArgumentException(
            "Expected command.max-attempts to be at least 1, but got " + maxAttempts);
      }
    }

    String interval(Duration duration) {
      return duration.toMillis() + " milliseconds";
    }
  }
}
