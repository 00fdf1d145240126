package io.noetl.bench;

import io.noetl.bench.Parts.Measured;
import io.noetl.bench.RawLimits.Limit;
import io.noetl.journal.CommitNotifier;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.publisher.NgNotificationSource;
import io.noetl.publisher.NotificationSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/**
 * What a NOTIFY costs those who commit: inserts of one row, each committed by itself, without one,
 * with one in the same transaction, and with those that {@link CommitNotifier} sends outside. One
 * connection listens all the time. Used by one thread.
 */
final class NotifyCurve {
  private static final List<Integer> WRITERS = List.of(1, 8, 64);

  /** Nine loops: longer ones say no more about a curve. */
  private static final Duration LONGEST = Duration.ofSeconds(3);

  /** So many times each way has its turn, that a slow minute of the machine meets all of them. */
  private static final int TURNS = 3;

  private static final Duration WARM_UP = Duration.ofMillis(500);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long LOOK_MS = 5;
  private static final String DOCUMENT = "{\"text\":\"" + "x".repeat(226) + "\"}";
  private static final String INSERT = "insert into bench.notified (doc) values (?::json)";

  private enum Way {
    COMMIT(INSERT),
    /** In the statement that inserts: one trip, like the others. */
    NOTIFY(INSERT + " returning pg_notify('" + NotificationSource.CHANNEL + "', '')"),
    COALESCED(INSERT);

    private final String sql;

    Way(String sql) {
      this.sql = sql;
    }

    String mode(int writers) {
      return name().toLowerCase(Locale.ROOT) + " " + writers;
    }
  }

  private final Stand stand;
  private final Database database;
  private final Duration length;
  private final LongAdder heard = new LongAdder();

  /**
   * @param length of each loop; of more than three seconds, three
   */
  NotifyCurve(Stand stand, Database database, Duration length) {
    this.stand = stand;
    this.database = database;
    this.length = length.compareTo(LONGEST) > 0 ? LONGEST : length;
  }

  List<Measured> measure() throws SQLException, InterruptedException {
    try (Connection connection = stand.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "create table if not exists bench.notified (id bigserial primary key, doc json)");
    }
    NotificationSource source =
        new NgNotificationSource(() -> Database.openListener(stand.database(), "noetl-listener"));
    CommitNotifier notifier =
        new CommitNotifier(
            database.dataSource(Pool.BACKGROUND), NotificationSource.CHANNEL, () -> false);
    try {
      source.start(heard::increment);
      awaitListening(source);
      notifier.start();
      List<Measured> measured = new ArrayList<>();
      for (int writers : WRITERS) {
        measured.addAll(curve(writers, notifier));
      }
      return measured;
    } finally {
      notifier.close();
      source.close();
    }
  }

  private List<Measured> curve(int writers, CommitNotifier notifier)
      throws SQLException, InterruptedException {
    List<Sum> sums = Arrays.stream(Way.values()).map(Sum::new).toList();
    List<Connection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < writers; i++) {
        connections.add(stand.connect());
      }
      for (Way way : Way.values()) {
        turn(way, connections, WARM_UP, notifier);
      }
      for (int turn = 0; turn < TURNS; turn++) {
        for (Sum sum : sums) {
          sum.add(turn(sum.way, connections, length.dividedBy(TURNS), notifier));
        }
      }
    } finally {
      for (Connection connection : connections) {
        connection.close();
      }
    }
    List<Measured> measured = new ArrayList<>();
    Limit commit = Limit.of(sums.getFirst().outcome(), 1);
    String beside = Way.COMMIT.mode(writers);
    for (Sum sum : sums) {
      measured.add(
          new Measured(sum.way.mode(writers), beside, sum.outcome(), 1, false).beside(commit));
    }
    return measured;
  }

  private Load.Outcome turn(
      Way way, List<Connection> connections, Duration time, CommitNotifier notifier)
      throws SQLException, InterruptedException {
    List<PreparedStatement> prepared = new ArrayList<>();
    try {
      for (Connection connection : connections) {
        PreparedStatement statement = connection.prepareStatement(way.sql);
        statement.setString(1, DOCUMENT);
        prepared.add(statement);
      }
      long before = heard.sum();
      Load.Outcome outcome =
          Load.closed(
              connections.size(),
              time,
              client -> {
                try {
                  prepared.get(client).execute();
                } catch (SQLException e) {
                  throw new BenchException("Expected an insert to work, but " + e.getMessage(), e);
                }
                if (way == Way.COALESCED) {
                  notifier.committed();
                }
              });
      if (way != Way.COMMIT) {
        awaitHeard(before, way);
      }
      return outcome;
    } finally {
      for (PreparedStatement statement : prepared) {
        statement.close();
      }
    }
  }

  private static void awaitListening(NotificationSource source) throws InterruptedException {
    long begun = System.nanoTime();
    while (!source.listening()) {
      if (System.nanoTime() - begun > LIMIT.toNanos()) {
        throw new BenchException("Expected a connection to listen within " + LIMIT);
      }
      Thread.sleep(LOOK_MS);
    }
  }

  /** A loop that nobody heard of did not do what its figure says. */
  private void awaitHeard(long before, Way way) throws InterruptedException {
    long begun = System.nanoTime();
    while (heard.sum() == before) {
      if (System.nanoTime() - begun > LIMIT.toNanos()) {
        throw new BenchException(
            "Expected notifications within " + LIMIT + ", but got none (way=" + way + ")");
      }
      Thread.sleep(LOOK_MS);
    }
  }

  /** The turns of one way. */
  private static final class Sum {
    private final Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
    private final Way way;
    private double seconds;
    private long failed;
    private String reason = "";

    Sum(Way way) {
      this.way = way;
    }

    void add(Load.Outcome turn) {
      micros.add(turn.micros());
      seconds += turn.seconds();
      failed += turn.failed();
      reason = reason.isEmpty() ? turn.reason() : reason;
    }

    Load.Outcome outcome() {
      return new Load.Outcome(micros, seconds, failed, reason);
    }
  }
}
