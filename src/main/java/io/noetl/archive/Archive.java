package io.noetl.archive;

import io.noetl.archive.ArchiveFile.Sink;
import io.noetl.archive.ArchiveStore.Opened;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executions in files. Safe for use by many threads, and by many servers with the same store. */
public final class Archive implements EventRecall {
  private static final Logger log = LoggerFactory.getLogger(Archive.class);
  private static final int FETCH = 1000;
  private static final int BATCH = 1000;

  /** Ended long ago and whole in the log, or brought back and not read since. */
  private static final String DUE =
      """
      select execution_id from noetl.execution e
       where archived_at is null and ended_at < now() - ? * interval '1 millisecond'
         and (recalled_at is null or recalled_at < now() - ? * interval '1 millisecond')
         and not exists (select 1 from noetl.event_outbox o where o.execution_id = e.execution_id)
         and execution_id > ?
       order by execution_id limit ?
      """;

  private static final String LOCKED =
      """
      select seq, ended_at is not null, archived_at is not null
        from noetl.execution where execution_id = ? for update
      """;

  private final Database database;
  private final ArchiveSettings settings;
  private final ArchiveMetrics metrics;

  public Archive(Database database, ArchiveSettings settings, ArchiveMetrics metrics) {
    this.database = database;
    this.settings = settings;
    this.metrics = metrics;
  }

  private record Row(int seq, boolean ended, boolean archived) {}

  /** Executions after one whose events may leave the log now, the oldest first. */
  List<Long> due(long after) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(DUE)) {
            statement.setLong(1, settings.after().toMillis());
            statement.setLong(2, settings.recalledFor().toMillis());
            statement.setLong(3, after);
            statement.setInt(4, settings.batch());
            List<Long> ids = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                ids.add(rows.getLong(1));
              }
            }
            return ids;
          }
        });
  }

  /**
   * Moves the events of one finished execution into its file.
   *
   * @return whether they left the log; false when somebody else was faster, or it is not whole
   * @throws ArchiveException when the file cannot be written, or does not read as it was written
   */
  boolean archive(long executionId) {
    Row row = database.autocommit(Pool.BACKGROUND, connection -> row(connection, executionId));
    if (row == null || !row.ended() || row.archived()) {
      return false;
    }
    ArchiveStore store = store(executionId);
    if (!whole(store, executionId, row.seq())) {
      write(store, executionId);
      if (!whole(store, executionId, row.seq())) {
        throw new ArchiveException(
            "Expected the %d events of execution %d in %s, but they were not all in the log"
                .formatted(row.seq(), executionId, store.place(executionId)));
      }
    }
    boolean left =
        database.transaction(Pool.BACKGROUND, connection -> leave(connection, executionId));
    if (left) {
      metrics.archived(row.seq());
    }
    return left;
  }

  private void write(ArchiveStore store, long executionId) {
    Path draft = store.draft(executionId);
    try {
      database.transaction(
          Pool.BACKGROUND,
          connection -> {
            ArchiveFile.write(draft, executionId, sink -> events(connection, executionId, sink));
            return null;
          });
      store.keep(executionId, draft);
    } finally {
      remove(draft);
    }
  }

  private static void remove(Path draft) {
    try {
      Files.deleteIfExists(draft);
    } catch (IOException e) {
      throw new ArchiveException("Expected to remove %s, but cannot: %s".formatted(draft, e), e);
    }
  }

  private ArchiveStore store(long executionId) {
    return settings
        .store()
        .orElseThrow(
            () ->
                new ArchiveException(
                    "Expected archive.folder or archive.s3.bucket to be set, because the events of"
                        + " execution "
                        + executionId
                        + " are in a file there"));
  }

  /** Whether the file has every event of the execution: nothing leaves the log before that. */
  private static boolean whole(ArchiveStore store, long executionId, int seq) {
    int[] next = {1};
    try (Opened opened = store.open(executionId)) {
      if (opened == null) {
        return false;
      }
      String place = store.place(executionId);
      Sink count = event -> next[0] += event.seq() == next[0] ? 1 : 0;
      try {
        ArchiveFile.read(opened.file(), place, executionId, count);
      } catch (ArchiveException e) {
        log.warn("{}; it is written anew", e.getMessage());
        return false;
      }
    } catch (IOException e) {
      throw new ArchiveException("Expected to close a copy, but cannot: " + e, e);
    } catch (SQLException e) {
      throw new IllegalStateException("Expected no statement while a file is read", e);
    }
    return next[0] == seq + 1;
  }

  private static boolean leave(Connection connection, long executionId) throws SQLException {
    Row row = row(connection, executionId);
    if (row == null || !row.ended() || row.archived()) {
      return false;
    }
    int left = update(connection, "delete from noetl.event where execution_id = ?", executionId);
    if (left != row.seq()) {
      throw new IllegalStateException(
          "Expected %d events in the log, but found %d (execution=%d); noetl verify says more"
              .formatted(row.seq(), left, executionId));
    }
    update(
        connection,
        "update noetl.execution set archived_at = now(), recalled_at = null where execution_id = ?",
        executionId);
    return true;
  }

  @Override
  public boolean recall(long executionId) {
    if (!archived(executionId)) {
      return false;
    }
    ArchiveStore store = store(executionId);
    String place = store.place(executionId);
    // Fetched before the transaction, which then waits for nothing but the database.
    try (Opened opened = store.open(executionId)) {
      if (opened == null) {
        throw new ArchiveException(
            "Expected the archived events of execution %d in %s, but there is no such file; restore it from a backup"
                .formatted(executionId, place));
      }
      int events =
          database.transaction(
              Pool.BACKGROUND,
              connection -> comeBack(connection, executionId, opened.file(), place));
      metrics.recalled(events);
      return true;
    } catch (IOException e) {
      throw new ArchiveException("Expected to close a copy, but cannot: " + e, e);
    }
  }

  private boolean archived(long executionId) {
    // Readers ask while they hold a connection of theirs: never one of the same pool.
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "select archived_at is not null from noetl.execution where execution_id = ?")) {
            statement.setLong(1, executionId);
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next() && rows.getBoolean(1);
            }
          }
        });
  }

  /**
   * @return how many events came back; none when another reader was faster
   */
  private int comeBack(Connection connection, long executionId, Path file, String place)
      throws SQLException {
    Row row = row(connection, executionId);
    if (row == null || !row.archived()) {
      return 0;
    }
    int events;
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            insert into noetl.event (execution_id, seq, event_id, event_type, tenant_id, payload,
                created_at)
            values (?, ?, ?, ?, ?, ?::json, ?)
            """)) {
      int[] waiting = {0};
      events =
          ArchiveFile.read(
              file,
              place,
              executionId,
              event -> {
                bind(statement, executionId, event);
                if (++waiting[0] == BATCH) {
                  statement.executeBatch();
                  waiting[0] = 0;
                }
              });
      statement.executeBatch();
    }
    if (events != row.seq()) {
      throw new ArchiveException(
          "Expected %d events in %s, but it has %d".formatted(row.seq(), place, events));
    }
    update(
        connection,
        "update noetl.execution set archived_at = null, recalled_at = now() where execution_id = ?",
        executionId);
    return events;
  }

  private static void bind(PreparedStatement statement, long executionId, ArchivedEvent event)
      throws SQLException {
    statement.setLong(1, executionId);
    statement.setInt(2, event.seq());
    statement.setLong(3, event.eventId());
    statement.setString(4, event.type());
    statement.setString(5, event.tenantId());
    statement.setString(6, event.payload());
    statement.setObject(7, event.createdAt().atOffset(ZoneOffset.UTC));
    statement.addBatch();
  }

  private static @Nullable Row row(Connection connection, long executionId) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCKED)) {
      statement.setLong(1, executionId);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? new Row(rows.getInt(1), rows.getBoolean(2), rows.getBoolean(3)) : null;
      }
    }
  }

  /** By a cursor: an execution may have more events than fit into memory. */
  private static void events(Connection connection, long executionId, Sink sink)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select seq, event_id, event_type, tenant_id, created_at, payload from noetl.event
             where execution_id = ? order by seq
            """)) {
      statement.setFetchSize(FETCH);
      statement.setLong(1, executionId);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          sink.accept(
              new ArchivedEvent(
                  rows.getInt(1),
                  rows.getLong(2),
                  rows.getString(3),
                  rows.getString(4),
                  rows.getObject(5, OffsetDateTime.class).toInstant(),
                  rows.getString(6)));
        }
      }
    }
  }

  private static int update(Connection connection, String sql, long executionId)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, executionId);
      return statement.executeUpdate();
    }
  }

  /** The execution is no more: its file goes, too. */
  public void forget(long executionId) {
    settings.store().ifPresent(store -> store.delete(executionId));
  }

  Duration every() {
    return settings.every();
  }

  void failed() {
    metrics.failed();
  }
}
