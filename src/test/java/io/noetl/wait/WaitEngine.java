package io.noetl.wait;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.noetl.archive.EventRecall;
import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogDefinitions;
import io.noetl.catalog.ModuleInspector;
import io.noetl.catalog.Registration;
import io.noetl.command.Claim;
import io.noetl.command.CommandQueue;
import io.noetl.command.CommandQueue.ClaimRequest;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Snowflake;
import io.noetl.execution.Execution;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionLimits;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.Language;
import io.noetl.execution.PoolChooser;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.journal.LaneLimits;
import io.noetl.journal.LaneMetrics;
import io.noetl.journal.PostgresJournal;
import io.noetl.journal.PostgresJournal.CommandTimes;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.value.Outcome;
import io.noetl.postgres.Database;
import io.noetl.query.Executions;
import io.noetl.result.ResultLimits;
import io.noetl.result.StoredResults;
import io.noetl.support.Progress;
import io.noetl.testing.TestEngine;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server's decisions and its keeper of waits on a real database. Without {@link #keep} it decides
 * but acts upon no wait: like a server that dies after each commit.
 */
final class WaitEngine implements AutoCloseable {
  static final WaitSettings QUICK =
      new WaitSettings(Duration.ofMillis(20), Duration.ofMillis(300), 32, 10_000, 16);

  final Catalog catalog;
  final PostgresJournal journal;
  final CommandQueue commands;
  final IntentHandler intents;
  final Executions executions;
  final WaitQueue queue;
  final Cascade cascade;
  final WaitKeeper keeper;
  private final Snowflake ids;
  private boolean kept;

  WaitEngine(Database database, int machine) {
    this(database, machine, QUICK);
  }

  WaitEngine(Database database, int machine, WaitSettings settings) {
    ids = new Snowflake(machine, System::currentTimeMillis);
    PlaybookParser parser =
        new PlaybookParser(
            PlaybookLimits.DEFAULT,
            TemplateCheck.of(
                TestEngine.TEMPLATES::syntaxError, TestEngine.TEMPLATES::guardSyntaxError));
    ModuleInspector noModules =
        (module, manifest) -> {
          throw new IllegalStateException("no module is registered here");
        };
    catalog = new Catalog(database, parser, noModules, ids::next, InstantSource.system());
    CatalogDefinitions definitions = new CatalogDefinitions(database, parser, 100);
    journal =
        new PostgresJournal(
            database.dataSource(Database.Pool.APPEND),
            database.dataSource(Database.Pool.READ),
            new CommandTimes(Duration.ofSeconds(30), Duration.ofSeconds(10), 3),
            QUICK.retry(),
            EventRecall.NONE);
    commands = new CommandQueue(database.dataSource(Database.Pool.APPEND));
    StoredResults vault = new StoredResults(database, ResultLimits.DEFAULT);
    intents =
        new IntentHandler(
            LaneLimits.DEFAULT,
            new Execution(
                new Language(
                    TestEngine.TEMPLATES, ExecutionLimits.DEFAULT, new PoolChooser(Map.of()))),
            definitions,
            journal,
            commands,
            ids::next,
            InstantSource.system(),
            (_, _) -> {},
            new LaneMetrics(new SimpleMeterRegistry()),
            vault);
    executions = new Executions(database);
    queue = new WaitQueue(database);
    cascade = new Cascade(executions, intents, queue);
    keeper =
        new WaitKeeper(
            queue,
            intents,
            definitions,
            catalog,
            cascade,
            vault::of,
            ExecutionSettings.DEFAULT,
            settings,
            new WaitMetrics(new SimpleMeterRegistry()),
            new Progress(System::nanoTime).loop("waits", Duration.ofMinutes(1)));
    intents.start();
  }

  /** Acts upon waits from here on. */
  WaitEngine keep() {
    intents.tell(keeper);
    return sweep();
  }

  /** Acts upon waits that are due, but not at once after commits: they may be another server's. */
  WaitEngine sweep() {
    keeper.start();
    kept = true;
    return this;
  }

  /** Registers a playbook under a path. */
  void register(String path, String body) {
    String text =
        """
        apiVersion: noetl.io/v2
        kind: Playbook
        metadata: {name: t, path: %s}
        """
                .formatted(path)
            + body;
    if (!(catalog.register("default", text) instanceof Registration.Registered)) {
      throw new AssertionError("not registered: " + path);
    }
  }

  long start(String path, Map<String, @Nullable Object> payload) {
    var entry = catalog.headByPath("default", path, null).orElseThrow();
    long execution = ids.next();
    IntentReply reply =
        intents.handle(
            "default",
            execution,
            new ExecutionIntent.Start(
                entry.catalogId(),
                path,
                entry.version(),
                payload,
                null,
                null,
                null,
                ExecutionSettings.DEFAULT));
    if (!(reply instanceof IntentReply.Accepted)) {
      throw new AssertionError(reply);
    }
    return execution;
  }

  ExecutionState state(long execution) {
    return intents.state(execution);
  }

  /** Waits until the execution has ended, and returns its state. */
  ExecutionState ended(long execution) {
    Waiting.until(
        TestPostgres.PATIENCE,
        () -> "execution " + execution + " ends, but is " + state(execution),
        () -> state(execution).status().terminal());
    return state(execution);
  }

  ExecutionState completed(long execution) {
    ExecutionState state = ended(execution);
    if (state.status() != ExecutionStatus.COMPLETED) {
      throw new AssertionError("execution " + execution + " is " + state);
    }
    return state;
  }

  /** The children of an execution, once there are that many. */
  List<Long> children(long execution, int many) {
    Waiting.until(
        TestPostgres.PATIENCE,
        () -> "execution " + execution + " has " + many + " children",
        () -> executions.liveChildren("default", execution).size() >= many);
    return executions.liveChildren("default", execution);
  }

  /** Does the work of a step as a worker would. */
  void work(long execution, Outcome outcome) throws SQLException {
    long command = state(execution).commands().keySet().iterator().next();
    Claim claim =
        commands.claim(List.of(new ClaimRequest(command, "w", Duration.ofSeconds(30)))).getFirst();
    if (!(claim instanceof Claim.Granted granted)) {
      throw new AssertionError(claim);
    }
    intents.handle(
        "default",
        execution,
        new ExecutionIntent.AcceptReport(
            command,
            outcome,
            List.of(),
            granted.attempt(),
            granted.fence(),
            "w",
            granted.claimedAt()));
  }

  @Override
  public void close() {
    if (kept) {
      keeper.close();
    }
    intents.close();
  }
}
