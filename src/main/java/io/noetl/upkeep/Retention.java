package io.noetl.upkeep;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/**
 * How long executions are kept after their end, by the beginning of their path. Safe for use by
 * many threads.
 */
public final class Retention {
  /** Longest time that a rule may name, in days. */
  public static final int MAX_DAYS = 36_500;

  /** Most rules of one tenant: every execution is compared with all of them. */
  public static final int MAX_RULES = 200;

  private final Database database;

  public Retention(Database database) {
    this.database = database;
  }

  /**
   * @param path beginning of the paths it holds for; empty for all of the tenant
   * @param keepDays 0 = for ever
   */
  public record Rule(String path, int keepDays, String setBy, Instant updatedAt) {}

  /** Rules of a tenant, by path. */
  public List<Rule> rules(String tenantId) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select path, keep_days, set_by, updated_at from noetl.retention_rule
                   where tenant_id = ? order by path
                  """)) {
            statement.setString(1, tenantId);
            List<Rule> rules = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                rules.add(
                    new Rule(
                        rows.getString(1),
                        rows.getInt(2),
                        rows.getString(3),
                        rows.getObject(4, OffsetDateTime.class).toInstant()));
              }
            }
            return rules;
          }
        });
  }

  /**
   * Sets or replaces a rule.
   *
   * @return false when the tenant has {@value #MAX_RULES} others already
   */
  public boolean set(String tenantId, String path, int keepDays, String setBy) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  insert into noetl.retention_rule (tenant_id, path, keep_days, set_by, updated_at)
                  select ?, ?, ?, ?, now()
                   where (select count(*) from noetl.retention_rule
                           where tenant_id = ? and path <> ?) < ?
                  on conflict (tenant_id, path) do update
                     set keep_days = excluded.keep_days, set_by = excluded.set_by,
                         updated_at = now()
                  """)) {
            statement.setString(1, tenantId);
            statement.setString(2, path);
            statement.setInt(3, keepDays);
            statement.setString(4, setBy);
            statement.setString(5, tenantId);
            statement.setString(6, path);
            statement.setInt(7, MAX_RULES);
            return statement.executeUpdate() == 1;
          }
        });
  }

  /**
   * @return whether there was one
   */
  public boolean remove(String tenantId, String path) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "delete from noetl.retention_rule where tenant_id = ? and path = ?")) {
            statement.setString(1, tenantId);
            statement.setString(2, path);
            return statement.executeUpdate() == 1;
          }
        });
  }
}
