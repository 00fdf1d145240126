package io.noetl.publisher;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.noetl.bus.Bus;
import io.noetl.bus.BusLimits;
import io.noetl.bus.BusMessage;
import io.noetl.bus.ConsumerSpec;
import io.noetl.bus.EmbeddedBus;
import io.noetl.config.DatabaseConfig;
import io.noetl.execution.ExecutionIntent;
import io.noetl.postgres.Database;
import io.noetl.projector.Projector;
import io.noetl.projector.ProjectorLimits;
import io.noetl.projector.ProjectorMetrics;
import io.noetl.support.Progress;
import io.noetl.testing.TestEngine;
import io.noetl.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The trip of events from the outbox over the bus into the log: I4 and I5. */
final class EventTripIT {
  private static final PublisherLimits QUICK =
      new PublisherLimits(
          Duration.ofMillis(50), 100, Duration.ofMillis(400), Duration.ofMillis(500), 1_000, 1);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Progress progress = new Progress(System::nanoTime);
  private final List<AutoCloseable> parts = new ArrayList<>();
  private Database database;
  private TestEngine engine;
  private Bus bus;
  private long chain;

  @BeforeEach
  void start() {
    database = TestPostgres.open();
    engine = new TestEngine(database, 3);
    bus = new EmbeddedBus(quickWindow(), InstantSource.system());
    chain =
        TestEngine.define(
            """
            workflow:
              - {step: start, tool: {kind: noop}, next: b}
              - {step: b, tool: {kind: noop}, next: c}
              - {step: c, tool: {kind: noop}}
            """);
  }

  /** A duplicate window shorter than the time after which rows are published again. */
  private static BusLimits quickWindow() {
    return BusLimits.embeddedDefaults().withDuplicateWindow(Duration.ofMillis(200));
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
    bus.close();
    engine.close();
    database.close();
  }

  private Connection connect() throws SQLException {
    DatabaseConfig config = database.config();
    return DriverManager.getConnection(
        "jdbc:postgresql://" + config.host() + ":" + config.port() + "/" + config.name(),
        config.user(),
        config.password().reveal());
  }

  private Publisher publisher(NotificationSource notifications, String name) {
    Publisher publisher =
        new Publisher(
            this::connect,
            bus,
            notifications,
            QUICK,
            new PublisherMetrics(meters),
            progress.loop(name, Duration.ofSeconds(10)),
            InstantSource.system());
    parts.add(publisher);
    publisher.start();
    return publisher;
  }

  private Publisher publisher() {
    return publisher(new PgNotificationSource(this::connect), "publisher");
  }

  private Projector projector() {
    Projector projector =
        new Projector(
            ConsumerSpec.ofShard(0, 1),
            bus,
            database.dataSource(Database.Pool.BACKGROUND),
            new ProjectorLimits(100, Duration.ofMillis(2)),
            new ProjectorMetrics(meters),
            progress.loop("projector", Duration.ofSeconds(10)),
            InstantSource.system());
    parts.add(projector);
    projector.start();
    return projector;
  }

  private List<Long> run(int executions) {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < executions; i++) {
      ids.add(engine.start(chain, Map.of()));
    }
    return ids;
  }

  @Test
  void keepsWhatItCannotReadForPeopleToSeeAndGoesOn() throws Exception {
    projector();
    publisher();
    bus.publish("noetl.events.acme.0.5", "poison", "not an event".getBytes(StandardCharsets.UTF_8))
        .get(10, TimeUnit.SECONDS);

    run(1);
    awaitProjected(5);

    assertThat(
            count(
                "select count(*) from noetl.dead_message where tenant_id = 'acme' and reporter ="
                    + " 'projector' and body = 'not an event' and reason <> ''"))
        .isEqualTo(1);
    assertThat(meters.get("noetl.projector.poisoned").counter().count()).isEqualTo(1);
  }

  private void awaitProjected(int events) throws Exception {
    Instant deadline = Instant.now().plusSeconds(30);
    while (count("select count(*) from noetl.event") < events
        || count("select count(*) from noetl.event_outbox") > 0) {
      assertThat(Instant.now())
          .as(
              "projected %s, waiting %s",
              count("select count(*) from noetl.event"),
              count("select count(*) from noetl.event_outbox"))
          .isBefore(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    assertThat(count("select count(*) from noetl.event")).isEqualTo(events);
    assertThat(
            count(
                """
                select count(*) from (
                  select execution_id from noetl.event group by execution_id
                  having min(seq) <> 1 or max(seq) <> count(*)) holes
                """))
        .as("executions whose log has a gap or repeat")
        .isZero();
  }

  @Test
  void everyEventEndsInTheLogExactlyOnceAndLeavesTheOutbox() throws Exception {
    publisher();
    projector();

    run(200);

    awaitProjected(200 * 5);
  }

  @Test
  void startsWithWhatWasThereBeforeItAndNeedsNoNotification() throws Exception {
    run(50);

    publisher();
    projector();

    awaitProjected(50 * 5);
  }

  @Test
  void publishesAgainWhatABusLostBeforeItWasProjected() throws Exception {
    Publisher first = publisher();
    run(20);
    awaitPublished(20 * 5);
    // The bus loses everything: nobody has projected a row yet.
    first.close();
    bus.close();
    bus = new EmbeddedBus(quickWindow(), InstantSource.system());
    publisher();

    projector();

    awaitProjected(20 * 5);
  }

  @Test
  void publishesAgainWhatAWorkingBusSwallowed() throws Exception {
    publisher();
    run(20);
    awaitPublished(20 * 5);
    // Somebody takes the messages off the shard's consumer and acknowledges them without
    // projecting.
    try (var thief = bus.consumer(ConsumerSpec.ofShard(0, 1))) {
      int taken = 0;
      while (taken < 20 * 5) {
        for (BusMessage message : thief.pull(500, Duration.ofSeconds(5))) {
          message.ack();
          taken++;
        }
      }
    }

    projector();

    awaitProjected(20 * 5);
  }

  @Test
  void makesUpForAMessageThatIsMissingInTheMiddle() throws Exception {
    publisher();
    List<Long> executions = run(1);
    awaitPublished(5);
    try (var thief = bus.consumer(ConsumerSpec.ofShard(0, 1))) {
      // All but the last message of the execution are lost.
      List<BusMessage> messages = new ArrayList<>();
      while (messages.size() < 5) {
        messages.addAll(thief.pull(10, Duration.ofSeconds(5)));
      }
      messages.subList(0, 4).forEach(BusMessage::ack);
      messages.getLast().nak(Duration.ZERO);
    }

    projector();

    awaitProjected(5);
    assertThat(meters.counter("noetl.bus.gap.repaired").count()).isEqualTo(4);
    assertThat(executions).hasSize(1);
  }

  @Test
  void aStandbyTakesOverWhenTheActivePublisherIsGone() throws Exception {
    Publisher active = publisher();
    run(5);
    projector();
    awaitProjected(25);
    publisher(new PgNotificationSource(this::connect), "standby");

    active.close();
    run(5);

    awaitProjected(50);
  }

  /** Found by noetl chaos: a standby connected anew at every notification. */
  @Test
  void aStandbyDoesNotLookAtEveryNotification() throws Exception {
    publisher();
    run(1);
    projector();
    awaitProjected(5);
    AtomicInteger connections = new AtomicInteger();
    Publisher standby =
        new Publisher(
            () -> {
              connections.incrementAndGet();
              return connect();
            },
            bus,
            new PgNotificationSource(this::connect),
            QUICK,
            new PublisherMetrics(meters),
            progress.loop("standby", Duration.ofSeconds(10)),
            InstantSource.system());
    parts.add(standby);
    long begun = System.nanoTime();
    standby.start();

    for (int i = 1; i <= 40; i++) {
      run(1);
      awaitProjected(5 + 5 * i);
    }

    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
    assertThat((long) connections.get()).as("one look per second").isBetween(1L, seconds + 2);
  }

  @Test
  void goesOnAfterItsConnectionsWereCut() throws Exception {
    publisher();
    projector();
    run(5);
    awaitProjected(25);

    count(
        """
        select count(pg_terminate_backend(pid)) from pg_stat_activity
         where pid <> pg_backend_pid() and datname = current_database()
        """);
    runWithRetry(5);

    awaitProjected(50);
  }

  private void runWithRetry(int executions) {
    for (int i = 0; i < executions; i++) {
      while (true) {
        try {
          run(1);
          break;
        } catch (io.noetl.journal.JournalUnavailableException e) {
          // Connections of the pool were cut as well; nothing was written, or it was not answered.
          assertThat(e).hasMessageContaining("not available");
        }
      }
    }
  }

  @Test
  void tellsThePoolOfACommandOnceAndAgainWhenNobodyClaims() throws Exception {
    publisher();
    long work =
        TestEngine.define("workflow:\n  - {step: start, tool: {kind: python, code: \"x\"}}\n");
    long execution = engine.start(work, Map.of());

    Set<String> hints = new HashSet<>();
    try (var pool = bus.consumer(ConsumerSpec.ofPool("shared"))) {
      while (hints.size() < 2) {
        List<BusMessage> messages = pool.pull(10, Duration.ofSeconds(10));
        // The test's engine marks commands due ten seconds later: bring that forward.
        execute("update noetl.command set due_at = now() where status = 'PENDING'");
        for (BusMessage message : messages) {
          assertThat(new String(message.body(), java.nio.charset.StandardCharsets.UTF_8))
              .contains("\"execution_id\":\"" + execution + "\"")
              .contains("\"step\":\"start\"");
          hints.add(message.streamSeq() + "");
          message.ack();
        }
      }
    }
    assertThat(hints).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void bothDriversWakeOnANotification() throws Exception {
    for (NotificationSource source :
        List.of(
            new PgNotificationSource(this::connect),
            new NgNotificationSource(
                () ->
                    DriverManager.getConnection(
                        "jdbc:pgsql://"
                            + database.config().host()
                            + ":"
                            + database.config().port()
                            + "/"
                            + database.config().name(),
                        database.config().user(),
                        database.config().password().reveal())))) {
      var woken = new java.util.concurrent.Semaphore(0);
      source.start(woken::release);
      try {
        // Once for the connection itself, then for the notification.
        assertThat(woken.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        woken.drainPermits();
        execute("notify " + NotificationSource.CHANNEL);
        assertThat(woken.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        // The connection is cut: it connects again and wakes, since something may have been missed.
        woken.drainPermits();
        count(
            """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
             where pid <> pg_backend_pid() and datname = current_database()
            """);
        assertThat(woken.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
      } finally {
        source.close();
      }
    }
  }

  private void awaitPublished(int events) {
    Instant deadline = Instant.now().plusSeconds(20);
    while (meters.counter("noetl.publisher.published").count() < events) {
      assertThat(Instant.now()).isBefore(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long count(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getLong(1);
    }
  }

  @Test
  void aCancelledExecutionIsProjectedToo() throws Exception {
    publisher();
    projector();
    long work =
        TestEngine.define("workflow:\n  - {step: start, tool: {kind: python, code: \"x\"}}\n");
    long execution = engine.start(work, Map.of());

    engine.intents.handle("default", execution, new ExecutionIntent.Cancel("enough"));

    awaitProjected(3);
  }
}
