package io.noetl.credential;

import io.noetl.credential.Envelope.Place;
import io.noetl.credential.Envelope.Sealed;
import io.noetl.json.Json;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Credentials by name. Safe for use by many threads; throws {@link
 * io.noetl.postgres.DatabaseException} when the database fails.
 */
public final class CredentialStore {
  private static final String COLUMNS =
      "credential_id, name, type, meta, tags, description, schema, created_at, updated_at";

  /** A name wins over an id of the same digits. */
  private static final String BY_ID_OR_NAME =
      """
       from noetl.credential
       where tenant_id = ? and (name = ? or credential_id = ?)
       order by name <> ?
       limit 1
      """;

  private final Database database;
  private final Envelope envelope;
  private final LongSupplier ids;

  /**
   * @param ids mints ids of credentials and of their versions
   */
  public CredentialStore(Database database, Envelope envelope, LongSupplier ids) {
    this.database = database;
    this.envelope = envelope;
    this.ids = ids;
  }

  /** A credential with its secret. */
  public record Opened(CredentialRecord about, Map<String, @Nullable Object> data) {
    @Override
    public String toString() {
      return "Opened[" + about + "]";
    }
  }

  /** Stores it; one of the same name is replaced and keeps its id. */
  public CredentialRecord put(String tenantId, CredentialSpec spec) {
    long version = ids.getAsLong();
    Sealed sealed = envelope.seal(place(tenantId, spec.name(), version), Json.bytes(spec.data()));
    return database.autocommit(
        Pool.APPEND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  insert into noetl.credential (credential_id, tenant_id, name, type, version,
                      key_id, wrapped_key, sealed, meta, tags, description, schema)
                  values (?, ?, ?, ?, ?, ?, ?, ?, ?::json, ?::json, ?, ?::json)
                  on conflict (tenant_id, name) do update
                     set type = excluded.type, version = excluded.version,
                         key_id = excluded.key_id, wrapped_key = excluded.wrapped_key,
                         sealed = excluded.sealed, meta = excluded.meta, tags = excluded.tags,
                         description = excluded.description, schema = excluded.schema,
                         updated_at = now()
                  returning
                  """
                      + " "
                      + COLUMNS)) {
            statement.setLong(1, ids.getAsLong());
            statement.setString(2, tenantId);
            statement.setString(3, spec.name());
            statement.setString(4, spec.type());
            statement.setLong(5, version);
            statement.setString(6, sealed.keyId());
            statement.setBytes(7, sealed.wrappedKey());
            statement.setBytes(8, sealed.sealed());
            statement.setString(9, spec.metaJson());
            statement.setString(10, spec.tagsJson());
            statement.setString(11, spec.description());
            statement.setString(12, spec.schemaJson());
            try (ResultSet rows = statement.executeQuery()) {
              rows.next();
              return record(rows);
            }
          }
        });
  }

  /** What may be shown of a credential, without its secret. */
  public Optional<CredentialRecord> find(String tenantId, String idOrName) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement("select " + COLUMNS + BY_ID_OR_NAME)) {
            bind(statement, tenantId, idOrName);
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next() ? Optional.of(record(rows)) : Optional.empty();
            }
          }
        });
  }

  private record Row(CredentialRecord about, long version, Sealed sealed) {}

  /**
   * The credential with its secret.
   *
   * @throws UnreadableSecretException when it cannot be decrypted
   */
  public Optional<Opened> open(String tenantId, String idOrName) {
    Row row =
        database.autocommit(
            Pool.READ,
            connection -> {
              try (PreparedStatement statement =
                  connection.prepareStatement(
                      "select "
                          + COLUMNS
                          + ", version, key_id, wrapped_key, sealed"
                          + BY_ID_OR_NAME)) {
                bind(statement, tenantId, idOrName);
                try (ResultSet rows = statement.executeQuery()) {
                  return rows.next()
                      ? new Row(
                          record(rows),
                          rows.getLong(10),
                          new Sealed(rows.getString(11), rows.getBytes(12), rows.getBytes(13)))
                      : null;
                }
              }
            });
    if (row == null) {
      return Optional.empty();
    }
    byte[] data = envelope.open(place(tenantId, row.about().name(), row.version()), row.sealed());
    return Optional.of(new Opened(row.about(), Json.parseObject(data)));
  }

  /**
   * Credentials in the order of their names.
   *
   * @param type null = all
   * @param text part of a name or description, in any case of letters; null = all
   */
  public List<CredentialRecord> list(
      String tenantId, @Nullable String type, @Nullable String text, int limit, int offset) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "select "
                      + COLUMNS
                      + """
                        from noetl.credential
                       where tenant_id = ? and (?::text is null or type = ?)
                         and (?::text is null
                              or position(lower(?) in lower(name)) > 0
                              or position(lower(?) in lower(coalesce(description, ''))) > 0)
                       order by name
                       limit ? offset ?
                      """)) {
            statement.setString(1, tenantId);
            statement.setString(2, type);
            statement.setString(3, type);
            statement.setString(4, text);
            statement.setString(5, text);
            statement.setString(6, text);
            statement.setInt(7, limit);
            statement.setInt(8, offset);
            List<CredentialRecord> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.add(record(rows));
              }
            }
            return found;
          }
        });
  }

  /** Deletes it; empty when there is none. */
  public Optional<CredentialRecord> delete(String tenantId, String idOrName) {
    return database.autocommit(
        Pool.APPEND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "delete from noetl.credential where credential_id = (select credential_id"
                      + BY_ID_OR_NAME
                      + ") returning "
                      + COLUMNS)) {
            bind(statement, tenantId, idOrName);
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next() ? Optional.of(record(rows)) : Optional.empty();
            }
          }
        });
  }

  static Place place(String tenantId, String name, long version) {
    return new Place(tenantId, name, version, "Credential '" + name + "'");
  }

  private static void bind(PreparedStatement statement, String tenantId, String idOrName)
      throws SQLException {
    statement.setString(1, tenantId);
    statement.setString(2, idOrName);
    statement.setLong(3, idOrName.matches("\\d{1,19}") ? Long.parseUnsignedLong(idOrName) : -1);
    statement.setString(4, idOrName);
  }

  private static CredentialRecord record(ResultSet rows) throws SQLException {
    return new CredentialRecord(
        rows.getLong(1),
        rows.getString(2),
        rows.getString(3),
        rows.getString(4),
        rows.getString(5),
        rows.getString(6),
        rows.getString(7),
        instant(rows, 8),
        instant(rows, 9));
  }

  private static Instant instant(ResultSet rows, int column) throws SQLException {
    return rows.getObject(column, OffsetDateTime.class).toInstant();
  }
}
