package io.noetl.testing;

import io.noetl.config.DatabaseConfig;
import io.noetl.execution.ExecutionState;
import io.noetl.journal.PostgresJournal;
import io.noetl.journal.PostgresJournal.CommandTimes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

/** States of executions as their events say, whatever else is stored of them. */
public final class StoredStates {
  private StoredStates() {}

  /** The fold of all events that the database has of an execution. */
  public static ExecutionState of(DatabaseConfig database, long executionId) throws SQLException {
    try (Connection connection =
        DriverManager.getConnection(
            database.jdbcUrl(), database.user(), database.password().reveal())) {
      SnapshotSource source = new SnapshotSource(connection);
      PostgresJournal journal =
          new PostgresJournal(
              source, source, new CommandTimes(Duration.ofSeconds(1), Duration.ofSeconds(1), 1));
      return ExecutionState.replay(executionId, journal.read(executionId, 0));
    }
  }
}
