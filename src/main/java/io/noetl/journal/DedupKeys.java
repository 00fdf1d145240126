package io.noetl.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** Keys of starts whose window is over. Safe for use by many threads. */
public final class DedupKeys {
  private final DataSource database;

  public DedupKeys(DataSource database) {
    this.database = database;
  }

  /**
   * Whether an execution was started with this key and the key was not freed since.
   *
   * @throws JournalUnavailableException when the database failed
   */
  public boolean known(String tenantId, String key) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select 1 from noetl.execution where tenant_id = ? and dedup_key = ?")) {
      statement.setString(1, tenantId);
      statement.setString(2, key);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }

  /**
   * Frees the key of an execution that began longer ago than the window.
   *
   * @return whether it was freed: false when the execution is younger
   * @throws JournalUnavailableException when the database failed
   */
  public boolean forget(String tenantId, String key, long executionId, Duration window) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                update noetl.execution set dedup_key = null, dedup_digest = null
                 where execution_id = ? and tenant_id = ? and dedup_key = ?
                   and started_at < now() - ? * interval '1 millisecond'
                """)) {
      statement.setLong(1, executionId);
      statement.setString(2, tenantId);
      statement.setString(3, key);
      statement.setLong(4, window.toMillis());
      return statement.executeUpdate() == 1;
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }
}
