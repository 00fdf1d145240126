package io.noetl.upkeep;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Messages of the bus that can never be handled. Safe for use by many threads. */
public final class DeadMessages {
  /** Most that are kept; those that come after are only counted and logged by who found them. */
  public static final int MAX_KEPT = 10_000;

  /** Characters of a message that are kept. */
  public static final int MAX_BODY = 4_096;

  private static final int MAX_TEXT = 500;

  private final Database database;

  public DeadMessages(Database database) {
    this.database = database;
  }

  /**
   * What somebody could not handle.
   *
   * @param executionId of whom it speaks, if that can be read
   */
  public record Report(
      String subject,
      String body,
      String reason,
      String reporter,
      @Nullable Long executionId,
      @Nullable Long commandId) {}

  /** A message as it is kept. */
  public record Kept(long messageId, Report report, Instant at) {}

  /**
   * @return false when {@value #MAX_KEPT} are kept already
   */
  public boolean keep(String tenantId, Report report) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  insert into noetl.dead_message
                      (tenant_id, subject, body, reason, reporter, execution_id, command_id)
                  select ?, ?, ?, ?, ?, ?, ?
                   where (select count(*) from noetl.dead_message) < ?
                  """)) {
            statement.setString(1, tenantId);
            statement.setString(2, cut(report.subject(), MAX_TEXT));
            statement.setString(3, cut(report.body(), MAX_BODY));
            statement.setString(4, cut(report.reason(), MAX_TEXT));
            statement.setString(5, cut(report.reporter(), MAX_TEXT));
            statement.setObject(6, report.executionId(), Types.BIGINT);
            statement.setObject(7, report.commandId(), Types.BIGINT);
            statement.setInt(8, MAX_KEPT);
            return statement.executeUpdate() == 1;
          }
        });
  }

  /** A text that can be a column. */
  private static String cut(String text, int most) {
    String clean = text.replace('\0', '\uFFFD');
    return clean.length() <= most ? clean : clean.substring(0, most - 1) + "…";
  }

  /** The newest first. */
  public List<Kept> list(String tenantId, int limit) {
    return select(tenantId, "true order by message_id desc limit " + limit);
  }

  public Optional<Kept> find(String tenantId, long messageId) {
    return select(tenantId, "message_id = " + messageId).stream().findFirst();
  }

  private List<Kept> select(String tenantId, String where) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select message_id, subject, body, reason, reporter, execution_id, command_id,
                         created_at
                    from noetl.dead_message where tenant_id = ? and \
                  """
                      + where)) {
            statement.setString(1, tenantId);
            List<Kept> kept = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                kept.add(
                    new Kept(
                        rows.getLong(1),
                        new Report(
                            rows.getString(2),
                            rows.getString(3),
                            rows.getString(4),
                            rows.getString(5),
                            rows.getObject(6, Long.class),
                            rows.getObject(7, Long.class)),
                        rows.getObject(8, OffsetDateTime.class).toInstant()));
              }
            }
            return kept;
          }
        });
  }

  /**
   * Forgets a message; what it announced is looked for in the tables: the command that it speaks of
   * is offered again at once.
   *
   * @return whether there was one
   */
  public boolean retry(String tenantId, long messageId) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  with gone as (
                    delete from noetl.dead_message where tenant_id = ? and message_id = ?
                    returning command_id, tenant_id),
                  offered as (
                    update noetl.command c set due_at = now() from gone
                     where c.command_id = gone.command_id and c.tenant_id = gone.tenant_id
                       and c.status = 'PENDING')
                  select count(*) from gone
                  """)) {
            statement.setString(1, tenantId);
            statement.setLong(2, messageId);
            try (ResultSet rows = statement.executeQuery()) {
              rows.next();
              return rows.getLong(1) == 1;
            }
          }
        });
  }

  /**
   * Forgets a message, and does nothing about what it announced.
   *
   * @return whether there was one
   */
  public boolean drop(String tenantId, long messageId) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "delete from noetl.dead_message where tenant_id = ? and message_id = ?")) {
            statement.setString(1, tenantId);
            statement.setLong(2, messageId);
            return statement.executeUpdate() == 1;
          }
        });
  }

  /** Forgets a dead command: it was tried again, or nobody wants it. */
  public void forgetCommand(String tenantId, long commandId) {
    database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  delete from noetl.command
                   where tenant_id = ? and command_id = ? and status = 'DEAD'
                  """)) {
            statement.setString(1, tenantId);
            statement.setLong(2, commandId);
            return statement.executeUpdate();
          }
        });
  }
}
