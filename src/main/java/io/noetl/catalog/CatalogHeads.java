package io.noetl.catalog;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.support.Gathered;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Entries without their content. Every start of an execution asks for one, so the statements are
 * fixed texts that the server prepares once. Safe for use by many threads.
 */
final class CatalogHeads {
  private static final String COLUMNS =
      """
      select catalog_id, path, version, kind, name, digest, module_digest, meta, created_at, archived_at
        from noetl.catalog where tenant_id = ? and
      """;
  private static final String BY_ID = COLUMNS + "catalog_id = ?";
  private static final String BY_VERSION = COLUMNS + "path = ? and version = ?";
  private static final String LATEST =
      """
      select c.catalog_id, c.path, c.version, c.kind, c.name, c.digest, c.module_digest, c.meta,
             c.created_at, c.archived_at, k.tenant_id
        from unnest(?::text[], ?::text[]) as k(tenant_id, path) cross join lateral (
          select * from noetl.catalog c
           where c.tenant_id = k.tenant_id and c.path = k.path and c.archived_at is null
           order by c.version desc limit 1) c
      """;

  /** Paths in one statement. */
  private static final int MOST_PATHS = 200;

  private record Path(String tenantId, String path) {}

  private final Database database;
  private final Gathered<Path, CatalogEntry> latest;

  CatalogHeads(Database database) {
    this.database = database;
    this.latest = new Gathered<>(MOST_PATHS, this::latest);
  }

  Optional<CatalogEntry> byId(String tenantId, long catalogId) {
    return one(BY_ID, tenantId, statement -> statement.setLong(2, catalogId));
  }

  /**
   * @param path without slashes at its ends
   * @param version null = the highest that is not archived
   */
  Optional<CatalogEntry> byPath(String tenantId, String path, @Nullable Integer version) {
    if (version == null) {
      return Optional.ofNullable(latest.get(new Path(tenantId, path)));
    }
    return one(
        BY_VERSION,
        tenantId,
        statement -> {
          statement.setString(2, path);
          statement.setInt(3, version);
        });
  }

  private Map<Path, CatalogEntry> latest(Set<Path> paths) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(LATEST)) {
            statement.setArray(
                1, connection.createArrayOf("text", paths.stream().map(Path::tenantId).toArray()));
            statement.setArray(
                2, connection.createArrayOf("text", paths.stream().map(Path::path).toArray()));
            Map<Path, CatalogEntry> found = new HashMap<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                CatalogEntry entry = entry(rows);
                found.put(new Path(rows.getString(11), entry.path()), entry);
              }
            }
            return found;
          }
        });
  }

  private interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }

  private Optional<CatalogEntry> one(String sql, String tenantId, Parameters parameters) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, tenantId);
            parameters.set(statement);
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next() ? Optional.of(entry(rows)) : Optional.empty();
            }
          }
        });
  }

  private static CatalogEntry entry(ResultSet rows) throws SQLException {
    OffsetDateTime archived = rows.getObject(10, OffsetDateTime.class);
    return new CatalogEntry(
        rows.getLong(1),
        rows.getString(2),
        rows.getInt(3),
        rows.getString(4),
        rows.getString(5),
        null,
        rows.getString(6),
        rows.getString(7),
        rows.getString(8),
        rows.getObject(9, OffsetDateTime.class).toInstant(),
        archived == null ? null : archived.toInstant());
  }
}
