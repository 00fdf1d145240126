package io.noetl.catalog;

import io.noetl.execution.Definition;
import io.noetl.journal.Definitions;
import io.noetl.playbook.ParseResult;
import io.noetl.playbook.PlaybookParser;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parsed playbooks by their id, the most recently used ones kept. Safe for use by many threads. The
 * id comes from an execution that was started for a caller who may see it, hence no tenant here.
 */
public final class CatalogDefinitions implements Definitions {
  private final Database database;
  private final PlaybookParser parser;
  private final Map<Long, Definition> kept;

  /**
   * @param capacity parsed playbooks that are kept ({@code catalog.cached-playbooks})
   */
  public CatalogDefinitions(Database database, PlaybookParser parser, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "Expected catalog.cached-playbooks to be at least 1, but got " + capacity);
    }
    this.database = database;
    this.parser = parser;
    this.kept =
        new LinkedHashMap<>(64, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, Definition> eldest) {
            return size() > capacity;
          }
        };
  }

  @Override
  public Definition get(long catalogId) {
    Definition known = known(catalogId);
    if (known != null) {
      return known;
    }
    Stored row = stored(catalogId);
    Definition definition =
        switch (parser.parse(row.content())) {
          case ParseResult.Valid valid ->
              new Definition(catalogId, row.version(), valid.playbook());
          case ParseResult.Invalid invalid ->
              throw new IllegalStateException(
                  "Expected catalog entry "
                      + catalogId
                      + " to be a valid playbook as it was when it was registered, but: "
                      + invalid.errors().getFirst().message());
        };
    synchronized (kept) {
      kept.put(catalogId, definition);
    }
    return definition;
  }

  private record Stored(String content, int version) {}

  /** On the connections of the hot path: a decision waits for it. */
  private Stored stored(long catalogId) {
    Stored row =
        database.autocommit(
            Pool.APPEND,
            connection -> {
              try (PreparedStatement statement =
                  connection.prepareStatement(
                      "select content, version from noetl.catalog where catalog_id = ?")) {
                statement.setLong(1, catalogId);
                try (ResultSet rows = statement.executeQuery()) {
                  return rows.next() ? new Stored(rows.getString(1), rows.getInt(2)) : null;
                }
              }
            });
    if (row == null) {
      throw new IllegalStateException(
          "Expected a catalog entry " + catalogId + ", but there is none");
    }
    return row;
  }

  private @Nullable Definition known(long catalogId) {
    synchronized (kept) {
      return kept.get(catalogId);
    }
  }
}
