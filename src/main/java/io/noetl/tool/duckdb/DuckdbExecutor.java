package io.noetl.tool.duckdb;

import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.LargeResults;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import io.noetl.tool.code.CodeSource;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Canceller;
import io.noetl.tool.sql.ResultBudget;
import io.noetl.tool.sql.Results;
import io.noetl.tool.sql.SqlParameters;
import io.noetl.tool.sql.SqlRuns;
import io.noetl.tool.sql.SqlSource;
import io.noetl.tool.sql.SqlText;
import io.noetl.tool.sql.StatementResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Runs SQL in a DuckDB database of the call's own, or in a file. For both of its kinds. */
public final class DuckdbExecutor implements ToolExecutor {
  private static final String RESULT_LIMIT = "duckdb.result-limit";

  private final DuckdbAccess access;
  private final Credentials credentials;
  private final CodeSource scripts;
  private final SqlRuns runs;

  /**
   * @param http fetches scripts that are given by address; not closed by this executor
   */
  public DuckdbExecutor(DuckdbSettings settings, Credentials credentials, ToolExecutor http) {
    this.access = new DuckdbAccess(settings);
    this.credentials = credentials;
    this.scripts = new CodeSource(http);
    this.runs =
        new SqlRuns(
            Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name("duckdb-", 0).factory()));
  }

  /** The databases, for others that work with the same files. */
  public DuckdbAccess access() {
    return access;
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    try {
      Fields fields = new Fields(call.kind(), call.fields());
      SqlParameters parameters = SqlParameters.of(call.kind(), fields.first("params"));
      List<String> texts = SqlText.statements(SqlSource.text(call, fields, scripts));
      if (parameters instanceof SqlParameters.Positional && texts.size() > 1) {
        throw new InvalidConfig(
            "Invalid "
                + call.kind().word()
                + " config: expected one statement with a list in field 'params', but there are "
                + texts.size()
                + ": name the placeholders (:name) and give a map");
      }
      List<BoundSql> statements =
          texts.stream().map(text -> parameters.bind(call.kind(), text)).toList();
      DuckdbPlan plan = DuckdbPlan.of(call.kind(), fields, credentials, call.identity());
      return run(
          plan,
          statements,
          fields.flag(true, "as_objects"),
          call.large(),
          call.timeout(),
          fields.duration("timeout_seconds", "timeout"));
    } catch (InvalidConfig e) {
      return Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    } catch (CredentialException e) {
      return e.outcome();
    } catch (ResultBudget.TooLarge e) {
      return e.outcome();
    } catch (LargeResults.Refused e) {
      return e.outcome();
    } catch (SqlRuns.TimedOut e) {
      return Outcome.hard(Errors.timeout(String.valueOf(e.getMessage())));
    } catch (SQLException e) {
      return Outcome.hard(DuckErrors.of(e));
    } catch (LinkageError e) {
      return Outcome.hard(DuckErrors.unavailable(e));
    }
  }

  private Outcome run(
      DuckdbPlan plan,
      List<BoundSql> statements,
      boolean asObjects,
      LargeResults large,
      @Nullable Duration whole,
      @Nullable Duration each)
      throws SQLException, SqlRuns.TimedOut, InterruptedException {
    long start = System.nanoTime();
    Duration wait = each == null || (whole != null && whole.compareTo(each) < 0) ? whole : each;
    DuckdbAccess.Entry entry = access.enter(wait, List.of(plan));
    if (entry == null) {
      return Outcome.hard(
          Errors.timeout("Waiting for the database timed out after " + words(wait)));
    }
    try (entry) {
      Duration left =
          whole == null
              ? null
              : Duration.ofNanos(Math.max(1, whole.toNanos() - (System.nanoTime() - start)));
      return Results.of(
          runs.run(
              left, each, canceller -> executed(plan, statements, asObjects, large, canceller)));
    }
  }

  private List<StatementResult> executed(
      DuckdbPlan plan,
      List<BoundSql> statements,
      boolean asObjects,
      LargeResults large,
      Canceller canceller)
      throws SQLException {
    ResultBudget budget = new ResultBudget(access.settings().resultLimit(), RESULT_LIMIT);
    try (Connection connection = access.open(plan)) {
      return new DuckSession(connection, canceller, asObjects, budget, large).run(statements);
    }
  }

  private static String words(@Nullable Duration limit) {
    return limit == null ? "no time" : Fields.words(limit);
  }

  @Override
  public void close() {
    runs.close();
  }
}
