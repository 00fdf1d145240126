package io.noetl.testing;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.noetl.command.CommandQueue;
import io.noetl.envelope.Snowflake;
import io.noetl.execution.Definition;
import io.noetl.execution.Execution;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionLimits;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.Language;
import io.noetl.execution.PoolChooser;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.journal.LaneLimits;
import io.noetl.journal.LaneMetrics;
import io.noetl.journal.PostgresJournal;
import io.noetl.journal.PostgresJournal.CommandTimes;
import io.noetl.playbook.ParseResult;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import io.noetl.postgres.Database;
import io.noetl.result.ResultLimits;
import io.noetl.result.StoredResults;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The decision loop of one server on a real database, without its HTTP side. Several may share a
 * database, as several servers do.
 */
public final class TestEngine implements AutoCloseable {
  public static final Templates TEMPLATES = new Templates(TemplateLimits.DEFAULT);
  private static final String HEADER =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: t, path: spec/t}
      """;
  private static final AtomicLong CATALOG = new AtomicLong(100);
  private static final Map<Long, Definition> DEFINITIONS = new ConcurrentHashMap<>();

  public final Database database;
  public final PostgresJournal journal;
  public final CommandQueue commands;
  public final IntentHandler intents;
  public final Snowflake ids;

  public TestEngine(Database database, int machine) {
    this(database, machine, LaneLimits.DEFAULT);
  }

  public TestEngine(Database database, int machine, LaneLimits limits) {
    this.database = database;
    this.ids = new Snowflake(machine, System::currentTimeMillis);
    this.journal =
        new PostgresJournal(
            database.dataSource(Database.Pool.APPEND),
            database.dataSource(Database.Pool.READ),
            new CommandTimes(Duration.ofSeconds(30), Duration.ofSeconds(10), 3));
    this.commands = new CommandQueue(database.dataSource(Database.Pool.APPEND));
    this.intents =
        new IntentHandler(
            limits,
            new Execution(
                new Language(TEMPLATES, ExecutionLimits.DEFAULT, new PoolChooser(Map.of()))),
            id -> DEFINITIONS.get(id),
            journal,
            commands,
            ids::next,
            InstantSource.system(),
            (_, _) -> {},
            new LaneMetrics(new SimpleMeterRegistry()),
            new StoredResults(database, ResultLimits.DEFAULT));
    intents.start();
  }

  /** Parses a playbook, given its document after the header, and returns its catalog id. */
  public static long define(String body) {
    PlaybookParser parser =
        new PlaybookParser(
            PlaybookLimits.DEFAULT,
            TemplateCheck.of(TEMPLATES::syntaxError, TEMPLATES::guardSyntaxError));
    if (!(parser.parse(HEADER + body) instanceof ParseResult.Valid valid)) {
      throw new AssertionError(parser.parse(HEADER + body));
    }
    long id = CATALOG.incrementAndGet();
    DEFINITIONS.put(id, new Definition(id, 1, valid.playbook()));
    return id;
  }

  /** Starts an execution and returns its id. */
  public long start(long catalogId, Map<String, @Nullable Object> payload) {
    long execution = ids.next();
    IntentReply reply =
        intents.handle(
            "default",
            execution,
            new ExecutionIntent.Start(
                catalogId, "spec/t", 1, payload, null, null, null, ExecutionSettings.DEFAULT));
    if (!(reply instanceof IntentReply.Accepted)) {
      throw new AssertionError(reply);
    }
    return execution;
  }

  @Override
  public void close() {
    intents.close();
  }
}
