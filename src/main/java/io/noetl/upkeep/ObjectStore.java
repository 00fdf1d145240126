package io.noetl.upkeep;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HexFormat;
import java.util.Optional;

/** Opaque bytes under keys; the last write wins. Safe for use by many threads. */
public final class ObjectStore {
  /** Longest key, in characters. */
  public static final int MAX_KEY = 512;

  private final Database database;

  public ObjectStore(Database database) {
    this.database = database;
  }

  /**
   * @param sha256 of the bytes, in hexadecimal digits
   */
  public record Stored(byte[] bytes, String sha256, String mediaType) {}

  /**
   * Stores or replaces.
   *
   * @param key 1 to {@value #MAX_KEY} characters
   * @return SHA-256 of the bytes
   */
  public String put(String tenantId, String key, byte[] bytes, String mediaType) {
    String digest = sha256(bytes);
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  insert into noetl.stored_object (tenant_id, key, sha256, media_type, bytes, stored_at)
                  values (?, ?, ?, ?, ?, now())
                  on conflict (tenant_id, key) do update
                     set sha256 = excluded.sha256, media_type = excluded.media_type,
                         bytes = excluded.bytes, stored_at = now()
                   where stored_object.sha256 <> excluded.sha256
                      or stored_object.media_type <> excluded.media_type
                  """)) {
            statement.setString(1, tenantId);
            statement.setString(2, key);
            statement.setString(3, digest);
            statement.setString(4, mediaType);
            statement.setBytes(5, bytes);
            statement.executeUpdate();
            return digest;
          }
        });
  }

  public Optional<Stored> get(String tenantId, String key) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select bytes, sha256, media_type from noetl.stored_object
                   where tenant_id = ? and key = ?
                  """)) {
            statement.setString(1, tenantId);
            statement.setString(2, key);
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next()
                  ? Optional.of(new Stored(rows.getBytes(1), rows.getString(2), rows.getString(3)))
                  : Optional.empty();
            }
          }
        });
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected every JDK to have SHA-256", e);
    }
  }
}
