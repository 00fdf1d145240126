package io.noetl.credential;

import io.noetl.credential.Envelope.Place;
import io.noetl.credential.Envelope.Sealed;
import io.noetl.json.Json;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Values that workers put by for each other, until they expire. Time is the database's. Safe for
 * use by many threads; throws {@link io.noetl.postgres.DatabaseException} when the database fails.
 */
public final class KeychainStore {
  private static final String COLUMNS =
      """
       name, cache_key, scope_type, execution_id, credential_type, cache_type, auto_renew,
       expires_at, coalesce(expires_at <= now(), false), access_count, accessed_at, created_at
      """;

  /** How far a local value is looked for among the parents of an execution. */
  private static final int MAX_ANCESTORS = 64;

  /** Values that nobody can read any more leave with the writes of others, so many at a time. */
  private static final int PURGE = 100;

  private final Database database;
  private final Envelope envelope;
  private final LongSupplier ids;

  /**
   * @param ids mints versions of values
   */
  public KeychainStore(Database database, Envelope envelope, LongSupplier ids) {
    this.database = database;
    this.envelope = envelope;
    this.ids = ids;
  }

  /**
   * A value that was found.
   *
   * @param secret null when it has expired: what is over is never handed out
   */
  public record Opened(KeychainRecord about, @Nullable Map<String, @Nullable Object> secret) {
    @Override
    public String toString() {
      return "Opened[" + about + "]";
    }
  }

  /** Puts a value by, in place of an earlier one under its key. */
  public void put(String tenantId, KeychainKey key, KeychainValue value) {
    long version = ids.getAsLong();
    Sealed sealed = envelope.seal(place(tenantId, key, version), Json.bytes(value.secret()));
    database.autocommit(
        Pool.APPEND,
        connection -> {
          insert(connection, tenantId, key, value, version, sealed);
          purge(connection);
          return null;
        });
  }

  private static void insert(
      Connection connection,
      String tenantId,
      KeychainKey key,
      KeychainValue value,
      long version,
      Sealed sealed)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            insert into noetl.keychain_entry (tenant_id, cache_key, catalog_id, name, scope_type,
                execution_id, parent_execution_id, credential_type, cache_type, auto_renew,
                version, key_id, wrapped_key, sealed, expires_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (tenant_id, cache_key) do update
               set parent_execution_id = excluded.parent_execution_id,
                   credential_type = excluded.credential_type, cache_type = excluded.cache_type,
                   auto_renew = excluded.auto_renew, version = excluded.version,
                   key_id = excluded.key_id, wrapped_key = excluded.wrapped_key,
                   sealed = excluded.sealed, expires_at = excluded.expires_at, updated_at = now()
            """)) {
      statement.setString(1, tenantId);
      statement.setString(2, key.text());
      statement.setLong(3, key.catalogId());
      statement.setString(4, key.name());
      statement.setString(5, key.scope().word());
      statement.setObject(6, key.executionId(), Types.BIGINT);
      statement.setObject(7, value.parentExecutionId(), Types.BIGINT);
      statement.setString(8, value.credentialType());
      statement.setString(9, value.cacheType());
      statement.setBoolean(10, value.autoRenew());
      statement.setLong(11, version);
      statement.setString(12, sealed.keyId());
      statement.setBytes(13, sealed.wrappedKey());
      statement.setBytes(14, sealed.sealed());
      Instant expires = value.expiresAt();
      statement.setObject(
          15,
          expires == null ? null : expires.atOffset(ZoneOffset.UTC),
          Types.TIMESTAMP_WITH_TIMEZONE);
      statement.executeUpdate();
    }
  }

  private static void purge(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            delete from noetl.keychain_entry
             where (tenant_id, cache_key) in (
                     select tenant_id, cache_key from noetl.keychain_entry
                      where expires_at < now() - interval '1 day'
                      limit ? for update skip locked)
            """)) {
      statement.setInt(1, PURGE);
      statement.executeUpdate();
    }
  }

  private record Row(KeychainRecord about, long version, Sealed sealed) {}

  /**
   * The value under a key, and one more read of it. A local value of a parent is one of its
   * children, too.
   *
   * @throws UnreadableSecretException when it cannot be decrypted
   */
  public Optional<Opened> get(String tenantId, KeychainKey key) {
    Optional<Opened> own = getOwn(tenantId, key);
    Long execution = key.executionId();
    if (own.isPresent() || key.scope() != KeychainKey.Scope.LOCAL || execution == null) {
      return own;
    }
    for (Long ancestor : ancestors(tenantId, execution)) {
      Optional<Opened> inherited = getOwn(tenantId, key.of(ancestor));
      if (inherited.isPresent()) {
        return inherited;
      }
    }
    return Optional.empty();
  }

  private Optional<Opened> getOwn(String tenantId, KeychainKey key) {
    Row row =
        database.autocommit(
            Pool.APPEND,
            connection -> {
              try (PreparedStatement statement =
                  connection.prepareStatement(
                      """
                      update noetl.keychain_entry
                         set access_count = access_count + 1, accessed_at = now()
                       where tenant_id = ? and cache_key = ?
                      returning
                      """
                          + " "
                          + COLUMNS
                          + ", version, key_id, wrapped_key, sealed")) {
                statement.setString(1, tenantId);
                statement.setString(2, key.text());
                try (ResultSet rows = statement.executeQuery()) {
                  return rows.next()
                      ? new Row(
                          record(rows),
                          rows.getLong(13),
                          new Sealed(rows.getString(14), rows.getBytes(15), rows.getBytes(16)))
                      : null;
                }
              }
            });
    if (row == null) {
      return Optional.empty();
    }
    if (row.about().expired()) {
      return Optional.of(new Opened(row.about(), null));
    }
    byte[] secret = envelope.open(place(tenantId, key, row.version()), row.sealed());
    return Optional.of(new Opened(row.about(), Json.parseObject(secret)));
  }

  /** Parents of an execution, the nearest first. */
  private List<Long> ancestors(String tenantId, long executionId) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  with recursive line(id, depth) as (
                    select parent_execution_id, 1 from noetl.execution
                     where execution_id = ? and tenant_id = ?
                    union all
                    select e.parent_execution_id, line.depth + 1
                      from line join noetl.execution e on e.execution_id = line.id
                     where line.depth < ? and e.tenant_id = ?)
                  select id from line where id is not null order by depth
                  """)) {
            statement.setLong(1, executionId);
            statement.setString(2, tenantId);
            statement.setInt(3, MAX_ANCESTORS);
            statement.setString(4, tenantId);
            List<Long> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.add(rows.getLong(1));
              }
            }
            return found;
          }
        });
  }

  /** The values of a playbook version, without what they are. */
  public List<KeychainRecord> list(String tenantId, long catalogId, int limit) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "select "
                      + COLUMNS
                      + """
                        from noetl.keychain_entry
                       where tenant_id = ? and catalog_id = ?
                       order by name, cache_key
                       limit ?
                      """)) {
            statement.setString(1, tenantId);
            statement.setLong(2, catalogId);
            statement.setInt(3, limit);
            List<KeychainRecord> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.add(record(rows));
              }
            }
            return found;
          }
        });
  }

  /**
   * @return false when there was none
   */
  public boolean delete(String tenantId, KeychainKey key) {
    return database.autocommit(
        Pool.APPEND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "delete from noetl.keychain_entry where tenant_id = ? and cache_key = ?")) {
            statement.setString(1, tenantId);
            statement.setString(2, key.text());
            return statement.executeUpdate() > 0;
          }
        });
  }

  private static Place place(String tenantId, KeychainKey key, long version) {
    return place(tenantId, key.text(), version);
  }

  /** Names of credentials have no bar, so that neither table's rows open in the other. */
  static Place place(String tenantId, String cacheKey, long version) {
    return new Place(
        tenantId, "keychain|" + cacheKey, version, "Keychain entry '" + cacheKey + "'");
  }

  private static KeychainRecord record(ResultSet rows) throws SQLException {
    return new KeychainRecord(
        rows.getString(1),
        rows.getString(2),
        rows.getString(3),
        rows.getObject(4, Long.class),
        rows.getString(5),
        rows.getString(6),
        rows.getBoolean(7),
        instant(rows, 8),
        rows.getBoolean(9),
        rows.getLong(10),
        instant(rows, 11),
        java.util.Objects.requireNonNull(instant(rows, 12)));
  }

  private static @Nullable Instant instant(ResultSet rows, int column) throws SQLException {
    OffsetDateTime time = rows.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
