package io.noetl.verify;

import io.noetl.config.DatabaseConfig;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.ResultUris;
import io.noetl.postgres.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Looks at a whole database, or at one execution, in one snapshot. Safe for many threads. */
public final class Verifier {
  /** Executions between two words about the progress. */
  private static final int TELL_EVERY = 500;

  private final Settings settings;

  public Verifier(Settings settings) {
    this.settings = settings;
  }

  /**
   * @param grace how long things may take that others do in the background
   * @param findingsPerRule most findings of a rule that a report shows; all are counted
   */
  public record Settings(Duration grace, int findingsPerRule) {
    /** Ten minutes; 100 findings. */
    public static final Settings DEFAULT = new Settings(Duration.ofMinutes(10), 100);

    public Settings {
      if (grace.isNegative()) {
        throw new IllegalArgumentException(
            "Expected the grace of verify to be 0 or more, but got " + grace);
      }
      if (findingsPerRule < 1) {
        throw new IllegalArgumentException(
            "Expected at least 1 finding per rule, but got " + findingsPerRule);
      }
    }
  }

  /** How far a look has come. */
  public record Progress(long executions, long events) {}

  /**
   * Looks at all executions of all tenants, or at one.
   *
   * @param executionId the only one to look at, or null for all
   * @param progress told now and then
   * @throws io.noetl.postgres.DatabaseException when the database fails
   */
  public VerifyReport verify(
      DatabaseConfig database, @Nullable Long executionId, Consumer<Progress> progress) {
    return Database.snapshot(
        database, "noetl-verify", connection -> look(connection, executionId, progress, null));
  }

  /** Told what one execution has come to. */
  interface Examiner {
    void examined(long executionId, @Nullable ExecutionState state);
  }

  /**
   * As {@link #verify}, on a connection in a transaction that sees one snapshot.
   *
   * @param examiner told each execution, or null
   */
  VerifyReport look(
      Connection connection,
      @Nullable Long executionId,
      Consumer<Progress> progress,
      @Nullable Examiner examiner)
      throws SQLException {
    long begun = System.nanoTime();
    Instant at = now(connection);
    Findings findings = new Findings(settings.findingsPerRule());
    CrossChecks across = new CrossChecks(connection, findings, executionId, settings.grace());
    long executions = 0;
    long events = 0;
    long commands = 0;
    long waits = 0;
    long results = 0;
    try (Snapshot snapshot = new Snapshot(connection, executionId)) {
      for (long id = snapshot.nextExecution();
          id != Long.MAX_VALUE;
          id = snapshot.nextExecution()) {
        List<Stored.Execution> rows = snapshot.executions.of(id);
        ExecutionCheck check =
            new ExecutionCheck(
                id, rows.isEmpty() ? null : rows.getFirst(), findings, settings.grace());
        for (Stored.Event event = snapshot.nextEvent(id);
            event != null;
            event = snapshot.nextEvent(id)) {
          check.event(event);
          events++;
        }
        List<Stored.Command> ownCommands = snapshot.commands.of(id);
        List<Stored.Wait> ownWaits = snapshot.waits.of(id);
        List<Stored.Result> ownResults = snapshot.results.of(id);
        check.rows(ownCommands, ownWaits, ownResults);
        List<ResultUris.Address> others = check.otherResults();
        if (!others.isEmpty()) {
          across.references(id, check.ended(), others);
        }
        if (examiner != null) {
          examiner.examined(id, check.state());
        }
        executions++;
        commands += ownCommands.size();
        waits += ownWaits.size();
        results += ownResults.size();
        if (executions % TELL_EVERY == 0) {
          progress.accept(new Progress(executions, events));
        }
      }
    }
    across.look();
    return new VerifyReport(
        at,
        executions,
        events,
        commands,
        waits,
        results,
        findings.kept(),
        findings.counts(),
        Duration.ofNanos(System.nanoTime() - begun));
  }

  private static Instant now(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select now()")) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
    }
  }
}
