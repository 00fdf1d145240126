package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import io.noetl.tool.duckdb.DuckErrors;
import io.noetl.tool.duckdb.DuckdbAccess;
import io.noetl.tool.duckdb.DuckdbPlan;
import io.noetl.tool.postgres.PgAddresses;
import io.noetl.tool.postgres.PgErrors;
import io.noetl.tool.postgres.PgPools;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Canceller;
import io.noetl.tool.sql.SqlNames;
import io.noetl.tool.sql.SqlParameters;
import io.noetl.tool.sql.SqlRuns;
import io.noetl.tool.sql.SqlSource;
import io.noetl.tool.sql.SqlText;
import io.noetl.tool.transfer.TransferPlan.End;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Copies rows from one place to another, all of them or none. */
public final class TransferExecutor implements ToolExecutor {
  private final TransferSettings settings;
  private final Credentials credentials;
  private final PgAddresses addresses;
  private final ToolExecutor http;
  private final PgPools pools;
  private final DuckdbAccess ducks;
  private final Semaphore slots;
  private final SqlRuns runs;

  /**
   * @param http asks services; not closed here
   * @param pools connections of the postgres tool; not closed here
   * @param ducks databases of the duckdb tool
   */
  public TransferExecutor(
      TransferSettings settings,
      Credentials credentials,
      ToolExecutor http,
      PgPools pools,
      DuckdbAccess ducks) {
    this.settings = settings;
    this.credentials = credentials;
    this.addresses = new PgAddresses(credentials);
    this.http = http;
    this.pools = pools;
    this.ducks = ducks;
    this.slots = new Semaphore(settings.maxConcurrent(), true);
    this.runs =
        new SqlRuns(
            Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name("transfer-", 0).factory()));
  }

  /** An end of the transfer that is ready to be opened. */
  private sealed interface Opening {
    record Rows(HttpRows rows) implements Opening {}

    record Pg(PgAddresses.Target target) implements Opening {}

    record Duck(DuckdbPlan plan) implements Opening {}
  }

  /** The source has answered with an error. */
  private static final class SourceFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Outcome outcome;

    SourceFailed(Outcome outcome) {
      super("the source failed", null, false, false);
      this.outcome = outcome;
    }
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    boolean postgres = false;
    try {
      Fields fields = new Fields(ToolKind.TRANSFER, call.fields());
      TransferPlan plan = TransferPlan.of(fields, settings);
      postgres = plan.from() == End.POSTGRES || plan.to() == End.POSTGRES;
      Duration limit = limit(fields, call);
      long start = System.nanoTime();
      if (!acquire(limit)) {
        return waitedInVain(limit);
      }
      try {
        return run(plan, call, limit, start);
      } finally {
        slots.release();
      }
    } catch (InvalidConfig e) {
      return Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    } catch (CredentialException e) {
      return e.outcome();
    } catch (SourceFailed e) {
      return e.outcome;
    } catch (SqlRuns.TimedOut e) {
      return Outcome.hard(Errors.timeout(String.valueOf(e.getMessage())));
    } catch (SQLException e) {
      // The other driver knows no states.
      return Outcome.hard(postgres && e.getSQLState() != null ? PgErrors.of(e) : DuckErrors.of(e));
    }
  }

  private Outcome run(TransferPlan plan, ToolCall call, @Nullable Duration limit, long start)
      throws InterruptedException, SQLException, SqlRuns.TimedOut {
    Opening from = opening(plan.from(), plan.source(), call, limit);
    Opening to = opening(plan.to(), plan.target(), call, limit);
    BoundSql query = from instanceof Opening.Rows ? null : query(plan);
    List<DuckdbPlan> files = new ArrayList<>();
    if (from instanceof Opening.Duck(DuckdbPlan duck)) {
      files.add(duck);
    }
    if (to instanceof Opening.Duck(DuckdbPlan duck)) {
      files.add(duck);
    }
    if (files.isEmpty()) {
      return runs.run(
          left(limit, start), null, canceller -> copied(plan, from, query, to, canceller));
    }
    DuckdbAccess.Entry entry = ducks.enter(left(limit, start), files);
    if (entry == null) {
      return waitedInVain(limit);
    }
    try (entry) {
      return runs.run(
          left(limit, start), null, canceller -> copied(plan, from, query, to, canceller));
    }
  }

  private Opening opening(End type, Fields end, ToolCall call, @Nullable Duration limit)
      throws InterruptedException {
    return switch (type) {
      case HTTP -> new Opening.Rows(fetched(end, call, limit));
      case POSTGRES -> new Opening.Pg(addresses.of(ToolKind.TRANSFER, end, call.identity()));
      case DUCKDB ->
          new Opening.Duck(DuckdbPlan.of(ToolKind.TRANSFER, end, credentials, call.identity()));
    };
  }

  private HttpRows fetched(Fields source, ToolCall call, @Nullable Duration limit)
      throws InterruptedException {
    Map<String, @Nullable Object> request = new LinkedHashMap<>();
    for (String name :
        List.of(
            "url",
            "endpoint",
            "method",
            "headers",
            "params",
            "json",
            "form",
            "body",
            "data",
            "payload",
            "timeout_seconds",
            "timeout",
            "follow_redirects",
            "verify_ssl",
            "verify",
            "auth",
            "credential")) {
      Object value = source.first(name);
      if (value != null) {
        request.put(name, value);
      }
    }
    Outcome answer =
        http.run(
            new ToolCall(
                ToolKind.HTTP, request, null, call.identity(), Map.of(), limit, call.log()));
    if (!answer.succeeded() || !(answer.data() instanceof Map<?, ?> data)) {
      Map<String, @Nullable Object> error = answer.error();
      throw new SourceFailed(
          Outcome.hard(error == null ? Errors.configuration("The source gave no answer") : error));
    }
    return HttpRows.of(data.get("body"), source.text("data_path"));
  }

  private static BoundSql query(TransferPlan plan) {
    String table = plan.source().text("table");
    if (table != null && plan.source().first("query", "command", "sql") == null) {
      return new BoundSql(
          "select * from " + SqlNames.table(ToolKind.TRANSFER, table), List.of(), false);
    }
    ToolKind dialect = plan.from() == End.POSTGRES ? ToolKind.POSTGRES : ToolKind.DUCKDB;
    List<String> statements = SqlText.statements(SqlSource.text(ToolKind.TRANSFER, plan.source()));
    if (statements.size() != 1) {
      throw new InvalidConfig(
          "Invalid transfer config: expected one statement in source.query, but there are "
              + statements.size());
    }
    return SqlParameters.of(ToolKind.TRANSFER, plan.source().first("params"))
        .bind(dialect, statements.getFirst());
  }

  private Outcome copied(
      TransferPlan plan, Opening from, @Nullable BoundSql query, Opening to, Canceller canceller)
      throws SQLException {
    try (RowSource source = source(plan, from, query, canceller);
        RowTarget target = target(plan, to, canceller)) {
      return new Copy(plan, source, target).run();
    }
  }

  private RowSource source(
      TransferPlan plan, Opening from, @Nullable BoundSql query, Canceller canceller)
      throws SQLException {
    BoundSql sql = query == null ? new BoundSql("", List.of(), false) : query;
    return switch (from) {
      case Opening.Rows(HttpRows rows) ->
          plan.mapping().isEmpty() ? rows : rows.with(List.copyOf(plan.mapping().values()));
      case Opening.Pg(PgAddresses.Target target) ->
          new PgSource(
              pools.connect(target, canceller),
              canceller,
              sql,
              Math.min(plan.chunkSize(), pools.settings().fetchSize()));
      case Opening.Duck(DuckdbPlan duck) -> new DuckSource(ducks.open(duck), canceller, sql);
    };
  }

  private RowTarget target(TransferPlan plan, Opening to, Canceller canceller) throws SQLException {
    return switch (to) {
      case Opening.Rows _ -> throw new IllegalStateException("a service is no target");
      case Opening.Pg(PgAddresses.Target target) ->
          new PgTarget(pools.connect(target, canceller), canceller, plan);
      case Opening.Duck(DuckdbPlan duck) -> new DuckTarget(ducks.open(duck), canceller, plan);
    };
  }

  private boolean acquire(@Nullable Duration limit) throws InterruptedException {
    if (limit == null) {
      slots.acquire();
      return true;
    }
    return slots.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static Outcome waitedInVain(@Nullable Duration limit) {
    return Outcome.hard(
        Errors.timeout(
            "Waiting for other transfers timed out after "
                + (limit == null ? "no time" : Fields.words(limit))));
  }

  private static @Nullable Duration left(@Nullable Duration limit, long start) {
    return limit == null
        ? null
        : Duration.ofNanos(Math.max(1, limit.toNanos() - (System.nanoTime() - start)));
  }

  private static @Nullable Duration limit(Fields fields, ToolCall call) {
    Duration own = fields.duration("timeout_seconds", "timeout");
    Duration above = call.timeout();
    return own == null || (above != null && above.compareTo(own) < 0) ? above : own;
  }

  @Override
  public void close() {
    runs.close();
  }
}
