package io.noetl.result;

import io.noetl.json.Json;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Results that come in parts, while they are made. Safe for use by many threads; each holds one
 * part in memory.
 */
public final class ResultUploads {
  private final Database database;
  private final ResultStore store;

  public ResultUploads(Database database) {
    this.database = database;
    this.store = new ResultStore(database);
  }

  /** What an upload came to. */
  public sealed interface Finished {}

  /** It is a result. */
  public record Stored(StoredResult result) implements Finished {}

  /** It cannot be one. */
  public record Refused(String sentence) implements Finished {}

  /** Opens an upload under an id of the caller's. */
  public void begin(String tenantId, long executionId, long uploadId) {
    database.autocommit(
        Pool.APPEND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  insert into noetl.result_upload (upload_id, tenant_id, execution_id, touched_at)
                    values (?, ?, ?, now())
                  """)) {
            statement.setLong(1, uploadId);
            statement.setString(2, tenantId);
            statement.setLong(3, executionId);
            return statement.executeUpdate();
          }
        });
  }

  /**
   * Keeps one part; the same part again changes nothing.
   *
   * @return false when there is no such upload of this execution
   */
  public boolean put(String tenantId, long executionId, long uploadId, int part, byte[] content) {
    Contents.Kept kept = Contents.kept(content);
    return database.autocommit(
        Pool.APPEND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  with upload as (
                    update noetl.result_upload set touched_at = now()
                     where upload_id = ? and tenant_id = ? and execution_id = ?
                    returning upload_id),
                  part as (
                    insert into noetl.result_part (upload_id, part, bytes, encoding, content)
                      select upload_id, ?, ?, ?, ? from upload
                    on conflict do nothing)
                  select 1 from upload
                  """)) {
            statement.setLong(1, uploadId);
            statement.setString(2, tenantId);
            statement.setLong(3, executionId);
            statement.setInt(4, part);
            statement.setInt(5, content.length);
            statement.setString(6, kept.encoding());
            statement.setBytes(7, kept.bytes());
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next();
            }
          }
        });
  }

  /**
   * Makes a result of the parts. Reads all of them once, in their order, for the digest.
   *
   * @param result its content is ignored
   * @param limit most bytes of the parts together, each counted once
   */
  public Finished finish(long uploadId, Layout layout, NewStoredResult result, Limit limit) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          Optional<StoredResult> before = ResultStore.before(connection, result);
          if (before.isPresent()) {
            return new Stored(before.get());
          }
          Map<Integer, Integer> sizes = sizes(connection, uploadId, result);
          long once = sizes.values().stream().mapToLong(Integer::longValue).sum();
          if (once > limit.bytes()) {
            return new Refused(
                "Expected parts of at most "
                    + limit.bytes()
                    + " bytes together ("
                    + limit.setting()
                    + "), but got "
                    + once);
          }
          long bytes = 0;
          for (int part : layout.parts()) {
            Integer size = sizes.get(part);
            if (size == null) {
              return new Refused("Expected part " + part + " of the upload, but it is missing");
            }
            bytes += size;
          }
          MessageDigest digest = Contents.sha256();
          each(connection, uploadId, layout, digest::update);
          return new Stored(
              store.putParts(connection, result, uploadId, layout, digest.digest(), bytes));
        });
  }

  /**
   * @param setting its name for the message
   */
  public record Limit(String setting, long bytes) {}

  private static Map<Integer, Integer> sizes(
      Connection connection, long uploadId, NewStoredResult owner) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select p.part, p.bytes from noetl.result_part p join noetl.result_upload u
              using (upload_id)
             where p.upload_id = ? and u.tenant_id = ? and u.execution_id = ?
            """)) {
      statement.setLong(1, uploadId);
      statement.setString(2, owner.tenantId());
      statement.setLong(3, owner.executionId());
      try (ResultSet rows = statement.executeQuery()) {
        Map<Integer, Integer> sizes = new HashMap<>();
        while (rows.next()) {
          sizes.put(rows.getInt(1), rows.getInt(2));
        }
        return sizes;
      }
    }
  }

  /** Takes one part after the other. */
  @FunctionalInterface
  public interface PartSink {
    void part(byte[] content);
  }

  /** Gives the parts in the order of the content; one of them is in memory at a time. */
  static void each(Connection connection, long uploadId, Layout layout, PartSink sink)
      throws SQLException {
    for (int part : layout.parts()) {
      sink.part(part(connection, uploadId, part));
    }
  }

  /** One part as it was sent. */
  static byte[] part(Connection connection, long uploadId, int part) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select encoding, content, bytes from noetl.result_part where upload_id = ? and part = ?
            """)) {
      statement.setLong(1, uploadId);
      statement.setInt(2, part);
      try (ResultSet rows = statement.executeQuery()) {
        if (!rows.next()) {
          throw new IllegalStateException(
              "Expected part " + part + " of upload " + uploadId + ", but it is gone");
        }
        return Contents.content(rows.getString(1), rows.getBytes(2), rows.getLong(3));
      }
    }
  }

  /**
   * Gives the content of a result part by part, if it was stored so.
   *
   * @param opened told once that it was, before the first part
   * @return false when the content is in one piece, or gone; nothing was given then
   */
  public boolean parts(String tenantId, StoredResult result, Runnable opened, PartSink sink) {
    byte[] sha = result.sha();
    if (sha == null) {
      return false;
    }
    Order order = database.autocommit(Pool.READ, connection -> order(connection, tenantId, sha));
    if (order == null) {
      return false;
    }
    opened.run();
    for (int part : order.layout().parts()) {
      // One by one: a slow reader must not keep a connection.
      sink.part(
          database.autocommit(Pool.READ, connection -> part(connection, order.uploadId(), part)));
    }
    return true;
  }

  private record Order(long uploadId, Layout layout) {}

  private static @Nullable Order order(Connection connection, String tenantId, byte[] sha)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select upload_id, content from noetl.result_blob
             where tenant_id = ? and sha = ? and encoding = 'parts'
            """)) {
      statement.setString(1, tenantId);
      statement.setBytes(2, sha);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next()
            ? new Order(rows.getLong(1), Layout.of(Json.parse(rows.getBytes(2))))
            : null;
      }
    }
  }

  /**
   * Deletes uploads to which no content refers.
   *
   * @param unused how long an upload must have been left alone: it may be on its way
   */
  public int sweep(int limit, Duration unused) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  delete from noetl.result_upload where upload_id in (
                    select u.upload_id from noetl.result_upload u
                     where u.touched_at < now() - ? * interval '1 millisecond'
                       and not exists (select 1 from noetl.result_blob b
                                        where b.upload_id = u.upload_id)
                     limit ?)
                  """)) {
            statement.setLong(1, unused.toMillis());
            statement.setInt(2, limit);
            return statement.executeUpdate();
          }
        });
  }
}
