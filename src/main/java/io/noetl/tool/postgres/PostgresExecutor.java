package io.noetl.tool.postgres;

import io.noetl.playbook.ToolKind;
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
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Executors;

/** Runs SQL on the PostgreSQL server that a call names. Connections are kept between calls. */
public final class PostgresExecutor implements ToolExecutor {
  private static final String RESULT_LIMIT = "postgres.result-limit";

  private final PgAddresses addresses;
  private final PgPools pools;
  private final CodeSource scripts;
  private final SqlRuns runs;

  /**
   * @param http fetches scripts that are given by address; not closed by this executor
   */
  public PostgresExecutor(PostgresSettings settings, Credentials credentials, ToolExecutor http) {
    this.addresses = new PgAddresses(credentials);
    this.pools = new PgPools(settings);
    this.scripts = new CodeSource(http);
    this.runs =
        new SqlRuns(
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("postgres-", 0).factory()));
  }

  /** The pools, for others that speak to the same servers. */
  public PgPools pools() {
    return pools;
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    try {
      Fields fields = new Fields(ToolKind.POSTGRES, call.fields());
      List<BoundSql> statements = statements(call, fields);
      PgAddresses.Target target = addresses.of(ToolKind.POSTGRES, fields, call.identity());
      if (statements.isEmpty()) {
        return Results.of(List.of());
      }
      boolean asObjects = fields.flag(true, "as_objects");
      return Results.of(
          runs.run(
              call.timeout(),
              fields.duration("timeout_seconds", "timeout"),
              canceller -> run(target, statements, asObjects, call.large(), canceller)));
    } catch (InvalidConfig e) {
      return Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    } catch (CredentialException e) {
      return e.outcome();
    } catch (ResultBudget.TooLarge e) {
      return e.outcome();
    } catch (LargeResults.Refused e) {
      return e.outcome();
    } catch (SqlRuns.TimedOut e) {
      return Outcome.hard(PgErrors.timedOut(String.valueOf(e.getMessage())));
    } catch (SQLException e) {
      return Outcome.hard(PgErrors.of(e));
    }
  }

  private List<BoundSql> statements(ToolCall call, Fields fields) throws InterruptedException {
    List<String> texts = SqlText.statements(SqlSource.text(call, fields, scripts));
    SqlParameters parameters = SqlParameters.of(ToolKind.POSTGRES, fields.first("params"));
    if (parameters instanceof SqlParameters.Positional && texts.size() > 1) {
      throw new InvalidConfig(
          "Invalid postgres config: expected one statement with a list in field 'params', but there"
              + " are "
              + texts.size()
              + ": name the placeholders (:name) and give a map");
    }
    return texts.stream().map(text -> parameters.bind(ToolKind.POSTGRES, text)).toList();
  }

  private List<StatementResult> run(
      PgAddresses.Target target,
      List<BoundSql> statements,
      boolean asObjects,
      LargeResults large,
      Canceller canceller)
      throws SQLException {
    PostgresSettings settings = pools.settings();
    PgSession session =
        new PgSession(
            pools.connect(target, canceller),
            canceller,
            asObjects,
            new ResultBudget(settings.resultLimit(), RESULT_LIMIT),
            large,
            settings.fetchSize());
    return session.run(statements);
  }

  @Override
  public void close() {
    runs.close();
    pools.close();
  }
}
