package io.noetl.result;

import io.noetl.json.Json;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Results in the database. Safe for use by many threads; each call is one or two statements. */
public final class ResultStore {
  /** Over only when neither the execution nor one that it descends from runs. */
  private static final String EXPIRED =
      """
      (r.sha is null or r.expires_at is not null and r.expires_at <= now() and not exists (
         with recursive line(id, parent, ended_at) as (
           select e.execution_id, e.parent_execution_id, e.ended_at from noetl.execution e
            where e.execution_id = r.execution_id
           union
           select e.execution_id, e.parent_execution_id, e.ended_at from noetl.execution e
             join line on e.execution_id = line.parent)
         select 1 from line where ended_at is null))
      """;

  private static final String SELECT =
      """
      select r.result_id, r.execution_id, r.name, r.source_step, r.scope, r.store, r.media_type,
             r.bytes, r.sha, r.meta, r.expires_at,
      """
          + EXPIRED
          + " from noetl.result r ";

  private final Database database;

  public ResultStore(Database database) {
    this.database = database;
  }

  /**
   * Stores content and its row in one statement.
   *
   * @return the row; that of the first call when the same attempt of a command has stored it before
   */
  public StoredResult put(NewStoredResult result) {
    return database.autocommit(Pool.APPEND, connection -> put(connection, result));
  }

  StoredResult put(Connection connection, NewStoredResult result) throws SQLException {
    return put(
        connection,
        result,
        Contents.sha256(result.content()),
        result.content().length,
        Contents.kept(result.content()),
        null);
  }

  /** As {@link #put}, of the parts of an upload. */
  StoredResult putParts(
      Connection connection,
      NewStoredResult result,
      long uploadId,
      Layout layout,
      byte[] sha,
      long bytes)
      throws SQLException {
    return put(
        connection, result, sha, bytes, new Contents.Kept(Contents.PARTS, layout.json()), uploadId);
  }

  private StoredResult put(
      Connection connection,
      NewStoredResult result,
      byte[] sha,
      long bytes,
      Contents.Kept kept,
      @Nullable Long uploadId)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            with blob as (
              insert into noetl.result_blob (tenant_id, sha, bytes, encoding, content, upload_id,
                  touched_at)
              values (?, ?, ?, ?, ?, ?, now())
              on conflict (tenant_id, sha) do update set touched_at = now()
              returning tenant_id)
            insert into noetl.result (result_id, execution_id, tenant_id, name, source_step,
                command_id, attempt, scope, store, media_type, bytes, sha, meta, created_at,
                expires_at)
            select ?, ?, blob.tenant_id, ?, ?, ?, ?, ?, 'db', ?, ?, ?, ?::json, now(),
                   now() + ? * interval '1 millisecond'
              from blob
            on conflict (execution_id, name, command_id, attempt) where command_id is not null
            do nothing
            """)) {
      statement.setString(1, result.tenantId());
      statement.setBytes(2, sha);
      statement.setLong(3, bytes);
      statement.setString(4, kept.encoding());
      statement.setBytes(5, kept.bytes());
      statement.setObject(6, uploadId, Types.BIGINT);
      statement.setLong(7, result.resultId());
      statement.setLong(8, result.executionId());
      statement.setString(9, result.name());
      statement.setString(10, result.sourceStep());
      statement.setObject(11, result.commandId(), Types.BIGINT);
      statement.setInt(12, result.attempt());
      statement.setString(13, result.scope());
      statement.setString(14, result.mediaType());
      statement.setLong(15, bytes);
      statement.setBytes(16, sha);
      statement.setString(17, Json.text(result.meta()));
      Duration ttl = result.ttl();
      statement.setObject(18, ttl == null ? null : (Long) ttl.toMillis(), Types.BIGINT);
      statement.executeUpdate();
    }
    return one(connection, where(result), binder(result))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Expected the result '"
                        + result.name()
                        + "' to be stored, but it is not (execution="
                        + result.executionId()
                        + ")"));
  }

  /** What the same attempt of a command has stored before. */
  static Optional<StoredResult> before(Connection connection, NewStoredResult result)
      throws SQLException {
    return result.commandId() == null
        ? Optional.empty()
        : one(connection, where(result), binder(result));
  }

  private static String where(NewStoredResult result) {
    return result.commandId() == null
        ? "r.result_id = ?"
        : "r.execution_id = ? and r.name = ? and r.command_id = ? and r.attempt = ?";
  }

  private static Binder binder(NewStoredResult result) {
    Long commandId = result.commandId();
    return commandId == null
        ? statement -> statement.setLong(1, result.resultId())
        : statement -> {
          statement.setLong(1, result.executionId());
          statement.setString(2, result.name());
          statement.setLong(3, commandId);
          statement.setInt(4, result.attempt());
        };
  }

  /** The row of a result of this tenant. */
  public Optional<StoredResult> find(String tenantId, long executionId, long resultId) {
    return database.autocommit(
        Pool.READ, connection -> find(connection, tenantId, executionId, resultId));
  }

  static Optional<StoredResult> find(
      Connection connection, String tenantId, long executionId, long resultId) throws SQLException {
    return one(
        connection,
        "r.result_id = ? and r.execution_id = ? and r.tenant_id = ?",
        statement -> {
          statement.setLong(1, resultId);
          statement.setLong(2, executionId);
          statement.setString(3, tenantId);
        });
  }

  /** The newest result of a step that was not deleted. */
  public Optional<StoredResult> newest(String tenantId, long executionId, String step) {
    return database.autocommit(
        Pool.READ,
        connection ->
            one(
                connection,
                "r.execution_id = ? and r.tenant_id = ? and (r.source_step = ? and"
                    + " r.command_id is not null or r.name = ?) order by r.result_id desc limit 1",
                statement -> {
                  statement.setLong(1, executionId);
                  statement.setString(2, tenantId);
                  statement.setString(3, step);
                  statement.setString(4, step);
                }));
  }

  /**
   * Results of an execution in the order of their ids.
   *
   * @param scope or null for all
   * @param step or null for all
   */
  public List<StoredResult> list(
      String tenantId, long executionId, @Nullable String scope, @Nullable String step, int limit) {
    return database.autocommit(
        Pool.READ,
        connection ->
            rows(
                connection,
                "r.execution_id = ? and r.tenant_id = ? and r.scope = coalesce(?, r.scope)"
                    + " and (?::text is null or r.source_step = ?) order by r.result_id limit ?",
                statement -> {
                  statement.setLong(1, executionId);
                  statement.setString(2, tenantId);
                  statement.setString(3, scope);
                  statement.setString(4, step);
                  statement.setString(5, step);
                  statement.setInt(6, limit);
                }));
  }

  /** The content of a result, checked against its digest; null when it is gone. */
  public byte @Nullable [] content(String tenantId, StoredResult result) {
    return database.autocommit(Pool.READ, connection -> content(connection, tenantId, result));
  }

  static byte @Nullable [] content(Connection connection, String tenantId, StoredResult result)
      throws SQLException {
    byte[] sha = result.sha();
    if (sha == null) {
      return null;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select encoding, content, bytes, upload_id from noetl.result_blob
             where tenant_id = ? and sha = ?
            """)) {
      statement.setString(1, tenantId);
      statement.setBytes(2, sha);
      try (ResultSet rows = statement.executeQuery()) {
        if (!rows.next()) {
          return null;
        }
        if (rows.getString(1).equals(Contents.PARTS)) {
          ByteArrayOutputStream whole = new ByteArrayOutputStream(Math.toIntExact(rows.getLong(3)));
          ResultUploads.each(
              connection,
              rows.getLong(4),
              Layout.of(Json.parse(rows.getBytes(2))),
              whole::writeBytes);
          return checked(result, whole.toByteArray(), sha);
        }
        byte[] content = Contents.content(rows.getString(1), rows.getBytes(2), rows.getLong(3));
        return checked(result, content, sha);
      }
    }
  }

  private static byte[] checked(StoredResult result, byte[] content, byte[] sha) {
    if (!Arrays.equals(Contents.sha256(content), sha)) {
      throw new IllegalStateException(
          "Expected the content of " + result.uri() + " to have its digest, but it has not");
    }
    return content;
  }

  /**
   * Deletes results of an execution that has ended; their content goes with the next sweep.
   *
   * @param scope or null for all
   * @param step or null for all
   * @return how many
   */
  public int delete(
      String tenantId, long executionId, @Nullable String scope, @Nullable String step) {
    return database.autocommit(
        Pool.APPEND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  delete from noetl.result r
                   where r.execution_id = ? and r.tenant_id = ? and r.scope = coalesce(?, r.scope)
                     and (?::text is null or r.source_step = ?)
                  """)) {
            statement.setLong(1, executionId);
            statement.setString(2, tenantId);
            statement.setString(3, scope);
            statement.setString(4, step);
            statement.setString(5, step);
            return statement.executeUpdate();
          }
        });
  }

  /**
   * Forgets the content of results whose time is over, then content to which no result refers.
   *
   * @param unused how long content must have been left alone: its row may be on the way
   * @return results whose time was over
   */
  public int sweep(int limit, Duration unused) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          int over;
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "update noetl.result u set sha = null where u.result_id in (select r.result_id"
                      + " from noetl.result r where r.expires_at <= now() and r.sha is not null and"
                      + " "
                      + EXPIRED
                      + " limit ?)")) {
            statement.setInt(1, limit);
            over = statement.executeUpdate();
          }
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  delete from noetl.result_blob b where (b.tenant_id, b.sha) in (
                    select o.tenant_id, o.sha from noetl.result_blob o
                     where o.touched_at < now() - ? * interval '1 millisecond'
                       and not exists (select 1 from noetl.result r
                                        where r.tenant_id = o.tenant_id and r.sha = o.sha)
                     limit ?)
                    and b.touched_at < now() - ? * interval '1 millisecond'
                  """)) {
            statement.setLong(1, unused.toMillis());
            statement.setInt(2, limit);
            statement.setLong(3, unused.toMillis());
            statement.executeUpdate();
          }
          return over;
        });
  }

  @FunctionalInterface
  private interface Binder {
    void bind(PreparedStatement statement) throws SQLException;
  }

  private static Optional<StoredResult> one(Connection connection, String where, Binder binder)
      throws SQLException {
    return rows(connection, where, binder).stream().findFirst();
  }

  private static List<StoredResult> rows(Connection connection, String where, Binder binder)
      throws SQLException {
    List<StoredResult> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(SELECT + "where " + where)) {
      binder.bind(statement);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          OffsetDateTime expires = rows.getObject(11, OffsetDateTime.class);
          found.add(
              new StoredResult(
                  rows.getLong(1),
                  rows.getLong(2),
                  rows.getString(3),
                  rows.getString(4),
                  rows.getString(5),
                  rows.getString(6),
                  rows.getString(7),
                  rows.getLong(8),
                  rows.getBytes(9),
                  rows.getString(10),
                  expires == null ? null : expires.toInstant(),
                  rows.getBoolean(12)));
        }
      }
    }
    return found;
  }
}
