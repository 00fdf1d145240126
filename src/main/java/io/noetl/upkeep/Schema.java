package io.noetl.upkeep;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.postgres.Migrations;
import io.noetl.postgres.generated.Tables;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jooq.Table;

/** The tables of the platform's database. Safe for use by many threads. */
public final class Schema {
  private final Database database;

  public Schema(Database database) {
    this.database = database;
  }

  /**
   * What there is.
   *
   * @param applied number of the newest migration that the database has
   * @param newest number of the newest that this program brings
   * @param tables those that are there, by name
   * @param missing those that this program was built for and that are not
   */
  public record Found(int applied, int newest, List<String> tables, List<String> missing) {
    public Found {
      tables = List.copyOf(tables);
      missing = List.copyOf(missing);
    }

    public boolean valid() {
      return missing.isEmpty() && applied == newest;
    }
  }

  public Found look() {
    TreeSet<String> tables = new TreeSet<>(tables());
    List<String> missing = new ArrayList<>();
    for (Table<?> table : Tables.EXECUTION.getSchema().getTables()) {
      if (!tables.contains(table.getName())) {
        missing.add(table.getName());
      }
    }
    int applied = new Migrations(database.config()).applied();
    return new Found(
        applied, Migrations.newest(), List.copyOf(tables), missing.stream().sorted().toList());
  }

  /** Without partitions, which come and go. */
  private List<String> tables() {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
                  connection.prepareStatement(
                      """
                      select c.relname from pg_class c
                       where c.relnamespace = 'noetl'::regnamespace and c.relkind in ('r', 'p')
                         and not c.relispartition
                      """);
              ResultSet rows = statement.executeQuery()) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
              names.add(rows.getString(1));
            }
            return names;
          }
        });
  }

  /**
   * Applies what is pending, under a lock: of several that do so at once one works and the others
   * find nothing left.
   *
   * @return how many migrations were applied
   */
  public int init() {
    return new Migrations(database.config()).migrate(_ -> {});
  }
}
