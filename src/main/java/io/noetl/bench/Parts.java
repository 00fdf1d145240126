package io.noetl.bench;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.noetl.bench.RawLimits.Limit;
import io.noetl.bus.Bus;
import io.noetl.bus.ConsumerSpec;
import io.noetl.envelope.Snowflake;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.PostgresJournal;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.projector.Projector;
import io.noetl.projector.ProjectorLimits;
import io.noetl.projector.ProjectorMetrics;
import io.noetl.publisher.NgNotificationSource;
import io.noetl.publisher.NotificationSource;
import io.noetl.publisher.Publisher;
import io.noetl.publisher.PublisherLimits;
import io.noetl.publisher.PublisherMetrics;
import io.noetl.support.Progress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The trip of an event, and the fold of a log, measured with the classes that do it and nothing
 * around them. The roles of the stand must have ended: these take their place.
 */
final class Parts {
  private static final int ROWS = 200_000;
  static final int OF_ONE_EXECUTION = 20;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long LOOK_MS = 5;
  private static final int LOG_EVENTS_AT_LEAST = 200;

  private final Stand stand;
  private final @Nullable Path natsServer;
  private final Duration length;
  private final @Nullable Long longExecution;

  /**
   * @param natsServer program of the bus, or null for the one in memory
   * @param longExecution one with a long log, or null when there is none to replay
   */
  Parts(Stand stand, @Nullable Path natsServer, Duration length, @Nullable Long longExecution) {
    this.stand = stand;
    this.natsServer = natsServer;
    this.length = length;
    this.longExecution = longExecution;
  }

  /**
   * One figure.
   *
   * @param mode what of the workload was measured
   * @param limit name of the raw limit beside it
   * @param units that one of the outcome's times stands for
   * @param byLatency whether the ratio is one of times, not of rates
   * @param beside the limit itself, when it is another figure of this workload; null for a raw one
   */
  record Measured(
      String mode,
      String limit,
      Load.Outcome outcome,
      int units,
      boolean byLatency,
      @Nullable Limit beside) {
    Measured(String mode, String limit, Load.Outcome outcome, int units, boolean byLatency) {
      this(mode, limit, outcome, units, byLatency, null);
    }

    Measured beside(Limit other) {
      return new Measured(mode, limit, outcome, units, byLatency, other);
    }

    double ratio(Limit raw) {
      return byLatency
          ? outcome.micros().getValueAtPercentile(50) / 1e3 / Math.max(raw.p50Ms(), 0.001)
          : outcome.rate() * units / raw.perSecond();
    }
  }

  List<Measured> measure(Workload workload) throws InterruptedException, SQLException {
    Database database = new Database(stand.database(), "bench", new SimpleMeterRegistry(), _ -> {});
    database.start();
    try {
      return switch (workload) {
        case OUTBOX -> outbox(database);
        case PROJECT -> project(database);
        case REPLAY -> replay(database);
        case NOTIFY -> new NotifyCurve(stand, database, length).measure();
        case COPY -> new LogWriters(stand, database, length).measure();
        default -> throw new IllegalArgumentException("Expected a part, but got " + workload);
      };
    } finally {
      database.close();
    }
  }

  private List<Measured> outbox(Database database) throws InterruptedException, SQLException {
    List<Measured> measured = new ArrayList<>();
    clear(database);
    try (OwnBus own = OwnBus.open(natsServer)) {
      AckedBus bus = new AckedBus(own.bus());
      Publisher publisher = publisher(bus);
      publisher.start();
      try (Connection connection = stand.connect();
          Statement notify = connection.createStatement();
          PreparedStatement insert = connection.prepareStatement(INSERT)) {
        long[] number = {0};
        Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < length.toNanos()) {
          long before = bus.acked();
          bind(insert, 1_000_000 + number[0]++, 1);
          insert.execute();
          long committed = System.nanoTime();
          // Servers do it in this order, too: nobody is told before the commit.
          notify.execute("notify " + NotificationSource.CHANNEL);
          bus.await(before + 1, LIMIT);
          micros.recordValue((System.nanoTime() - committed) / 1_000);
        }
        measured.add(
            new Measured(
                "latency",
                "publish-1",
                new Load.Outcome(micros, (System.nanoTime() - begun) / 1e9, 0, ""),
                1,
                true));
      } finally {
        publisher.close();
      }
    }
    measured.add(drained(database));
    return measured;
  }

  private Measured drained(Database database) throws InterruptedException, SQLException {
    fill(database, ROWS);
    try (OwnBus own = OwnBus.open(natsServer)) {
      AckedBus bus = new AckedBus(own.bus());
      Publisher publisher = publisher(bus);
      publisher.start();
      try {
        bus.await(1, LIMIT);
        long begun = System.nanoTime();
        bus.await(ROWS, LIMIT);
        return new Measured(
            "drain", "publish-window", once(System.nanoTime() - begun), ROWS, false);
      } finally {
        publisher.close();
      }
    }
  }

  private List<Measured> project(Database database) throws InterruptedException, SQLException {
    fill(database, ROWS);
    try (OwnBus own = OwnBus.open(natsServer)) {
      AckedBus bus = new AckedBus(own.bus());
      Publisher publisher = publisher(bus);
      publisher.start();
      bus.await(ROWS, LIMIT);
      publisher.close();
      Projector projector =
          new Projector(
              ConsumerSpec.ofShard(0, 1),
              bus,
              database.dataSource(Pool.BACKGROUND),
              ProjectorLimits.DEFAULT,
              new ProjectorMetrics(new SimpleMeterRegistry()),
              new Progress(System::nanoTime).loop("projector", LIMIT),
              InstantSource.system());
      long begun = System.nanoTime();
      projector.start();
      try (Connection connection = stand.connect();
          Statement statement = connection.createStatement()) {
        while (System.nanoTime() - begun < LIMIT.toNanos()) {
          try (ResultSet row =
              statement.executeQuery("select exists (select 1 from noetl.event_outbox)")) {
            if (row.next() && !row.getBoolean(1)) {
              break;
            }
          }
          Thread.sleep(LOOK_MS);
        }
        return List.of(
            new Measured("project", "rows-500", once(System.nanoTime() - begun), ROWS, false));
      } finally {
        projector.close();
      }
    }
  }

  private List<Measured> replay(Database database) throws SQLException {
    Long execution = longExecution;
    if (execution == null) {
      return List.of();
    }
    PostgresJournal journal =
        new PostgresJournal(
            database.dataSource(Pool.READ),
            database.dataSource(Pool.READ),
            new PostgresJournal.CommandTimes(Duration.ofSeconds(60), Duration.ofSeconds(10), 3));
    List<StoredEvent> events = journal.read(execution, 0);
    if (events.size() < LOG_EVENTS_AT_LEAST) {
      throw new BenchException("Expected a long log, but it has " + events.size() + " events");
    }
    Histogram folds = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < length.toNanos()) {
      long start = System.nanoTime();
      fold(execution, events);
      folds.recordValue(Math.max(1, (System.nanoTime() - start) / 1_000));
    }
    double foldSeconds = (System.nanoTime() - begun) / 1e9;
    Histogram reads = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
    begun = System.nanoTime();
    while (System.nanoTime() - begun < length.toNanos()) {
      long start = System.nanoTime();
      fold(execution, journal.read(execution, 0));
      reads.recordValue((System.nanoTime() - start) / 1_000);
    }
    double readSeconds = (System.nanoTime() - begun) / 1e9;
    return List.of(
        new Measured("fold", "", new Load.Outcome(folds, foldSeconds, 0, ""), events.size(), false),
        new Measured(
            "read+fold", "", new Load.Outcome(reads, readSeconds, 0, ""), events.size(), false));
  }

  private static void fold(long execution, List<StoredEvent> events) {
    ExecutionState state = ExecutionState.none(execution);
    for (StoredEvent event : events) {
      state = state.evolve(event);
    }
    if (state.seq() != events.size()) {
      throw new BenchException("Expected a fold of " + events.size() + ", but got " + state.seq());
    }
  }

  private static Load.Outcome once(long nanos) {
    Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
    micros.recordValue(nanos / 1_000);
    return new Load.Outcome(micros, nanos / 1e9, 0, "");
  }

  private Publisher publisher(Bus bus) {
    return new Publisher(
        () -> Database.open(stand.database(), "noetl-publisher"),
        bus,
        new NgNotificationSource(() -> Database.openListener(stand.database(), "noetl-listener")),
        PublisherLimits.DEFAULT,
        new PublisherMetrics(new SimpleMeterRegistry()),
        new Progress(System::nanoTime).loop("publisher", LIMIT),
        InstantSource.system());
  }

  private static final String INSERT =
      """
      insert into noetl.event_outbox (execution_id, seq, event_id, event_type, tenant_id, payload,
          created_at) values (?, ?, ?, 'bench.measured', 'default', ?::json, now())
      """;

  static final String DOCUMENT = "{\"text\":\"" + "x".repeat(226) + "\"}";

  private static void bind(PreparedStatement insert, long execution, int seq) throws SQLException {
    long id = Snowflake.lowerBound(Instant.now()) + execution;
    insert.setLong(1, id);
    insert.setInt(2, seq);
    insert.setLong(3, id);
    insert.setString(4, DOCUMENT);
  }

  private static void clear(Database database) {
    database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.execute("truncate noetl.event_outbox");
          }
        });
  }

  /**
   * Leaves so many rows in the outbox, and no others.
   *
   * @return id of the first event and of the first execution; the others follow it one by one
   */
  static long fill(Database database, int rows) {
    clear(database);
    long first = Snowflake.lowerBound(Instant.now());
    database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  """
                  insert into noetl.event_outbox (execution_id, seq, event_id, event_type, tenant_id,
                      payload, created_at)
                  select ? + n / ?, n % ? + 1, ? + n, 'bench.measured', 'default', ?::json, now()
                    from generate_series(0, ?) n
                  """)) {
            insert.setLong(1, first);
            insert.setInt(2, OF_ONE_EXECUTION);
            insert.setInt(3, OF_ONE_EXECUTION);
            insert.setLong(4, first);
            insert.setString(5, DOCUMENT);
            insert.setInt(6, rows - 1);
            return insert.executeUpdate();
          }
        });
    return first;
  }
}
