package io.noetl.bench;

import io.noetl.bench.Parts.Measured;
import io.noetl.bench.RawLimits.Limit;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.projector.EventMover;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.postgresql.PGConnection;

/**
 * Ways to bring the same rows into {@code noetl.event}, a thousand per commit, one after the other:
 * what the projector does, and what it could do instead. Rows that come from a client are those
 * that wait in the outbox, and turning them into parameters is part of the time. Used by one
 * thread.
 */
final class LogWriters {
  private static final int ROWS_PER_COMMIT = 1_000;

  /** Rows in the outbox at the begin of a turn. */
  private static final int WAITING = 20_000;

  private static final String COLUMNS =
      "(execution_id, seq, event_id, event_type, tenant_id, payload, created_at)";
  private static final String TYPE = "bench.measured";
  private static final String TENANT = "default";

  private enum Way {
    /** Deletes from the outbox and inserts into the log in one statement: the projector's. */
    MOVE("move"),
    /** Inserts what it selects from the outbox, whose rows stay there. */
    SELECT("select"),
    ARRAYS("arrays"),
    COPY("copy"),
    /** With a delete of the outbox's rows in the same transaction, as a projector would need it. */
    ARRAYS_AND_DELETE("arrays+del"),
    COPY_AND_DELETE("copy+del");

    private final String mode;

    Way(String mode) {
      this.mode = mode;
    }
  }

  private final Stand stand;
  private final Database database;
  private final Duration length;
  private final EventMover mover;

  /**
   * @param length that is measured of each way, on average of them
   */
  LogWriters(Stand stand, Database database, Duration length) {
    this.stand = stand;
    this.database = database;
    this.length = length;
    this.mover = new EventMover(database.dataSource(Pool.BACKGROUND));
  }

  List<Measured> measure() throws SQLException {
    List<Times> times = Arrays.stream(Way.values()).map(Times::new).toList();
    try (Connection connection = stand.connect()) {
      // The first turns prepare statements, and HotSpot compiles.
      for (Times each : times) {
        turn(connection, new Times(each.way));
      }
      long wanted = length.toNanos() * times.size();
      // In turns, so that a slow minute of the machine meets all of them; and not in one order.
      for (int round = 0; times.stream().mapToLong(each -> each.nanos).sum() < wanted; round++) {
        for (int i = 0; i < times.size(); i++) {
          turn(connection, times.get((round + i) % times.size()));
        }
      }
    }
    Limit move = Limit.of(times.getFirst().outcome(), ROWS_PER_COMMIT);
    return times.stream()
        .map(
            each ->
                new Measured(each.way.mode, Way.MOVE.mode, each.outcome(), ROWS_PER_COMMIT, false)
                    .beside(move))
        .toList();
  }

  private void turn(Connection connection, Times times) throws SQLException {
    long first = Parts.fill(database, WAITING);
    try (Statement statement = connection.createStatement()) {
      // As autovacuum would have done at some moment of its own.
      statement.execute("analyze noetl.event_outbox");
    }
    for (int from = 0; from < WAITING; from += ROWS_PER_COMMIT) {
      Block block = new Block(first, from);
      long begun = System.nanoTime();
      long written = write(times.way, connection, block);
      times.add(System.nanoTime() - begun);
      if (written != ROWS_PER_COMMIT) {
        throw new BenchException(
            "Expected "
                + ROWS_PER_COMMIT
                + " rows to be written, but got "
                + written
                + " (way="
                + times.way.mode
                + ")");
      }
    }
  }

  private long write(Way way, Connection connection, Block block) throws SQLException {
    return switch (way) {
      case MOVE -> mover.move(block.positions());
      case SELECT -> select(connection, block);
      case ARRAYS -> arrays(connection, block);
      case COPY -> copy(connection, block);
      case ARRAYS_AND_DELETE -> andDelete(connection, block, this::arrays);
      case COPY_AND_DELETE -> andDelete(connection, block, this::copy);
    };
  }

  private interface Writing {
    long write(Connection connection, Block block) throws SQLException;
  }

  private long andDelete(Connection connection, Block block, Writing writing) throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement delete =
        connection.prepareStatement(
            """
            delete from noetl.event_outbox o
             using unnest(?::bigint[], ?::int[]) as w(execution_id, seq)
             where o.execution_id = w.execution_id and o.seq <= w.seq
               and o.execution_id = any(?::bigint[])
            """)) {
      long written = writing.write(connection, block);
      var pg = connection.unwrap(PGConnection.class);
      int[] positions = new int[block.executions().length];
      Arrays.fill(positions, Parts.OF_ONE_EXECUTION);
      delete.setArray(1, pg.createArrayOf("int8", block.executions()));
      delete.setArray(2, pg.createArrayOf("int4", positions));
      delete.setArray(3, pg.createArrayOf("int8", block.executions()));
      int deleted = delete.executeUpdate();
      if (deleted != written) {
        throw new BenchException("Expected " + written + " rows to be deleted, but got " + deleted);
      }
      connection.commit();
      return written;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private long select(Connection connection, Block block) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            insert into noetl.event %s
            select execution_id, seq, event_id, event_type, tenant_id, payload, created_at
              from noetl.event_outbox
             where execution_id = any(?::bigint[])
             order by execution_id, seq
            """
                .formatted(COLUMNS))) {
      insert.setArray(
          1, connection.unwrap(PGConnection.class).createArrayOf("int8", block.executions()));
      return insert.executeUpdate();
    }
  }

  private long arrays(Connection connection, Block block) throws SQLException {
    long[] executions = new long[ROWS_PER_COMMIT];
    int[] positions = new int[ROWS_PER_COMMIT];
    long[] events = new long[ROWS_PER_COMMIT];
    String[] types = new String[ROWS_PER_COMMIT];
    String[] tenants = new String[ROWS_PER_COMMIT];
    String[] payloads = new String[ROWS_PER_COMMIT];
    String[] times = new String[ROWS_PER_COMMIT];
    for (int i = 0; i < ROWS_PER_COMMIT; i++) {
      executions[i] = block.execution(i);
      positions[i] = block.seq(i);
      events[i] = block.event(i);
      types[i] = TYPE;
      tenants[i] = TENANT;
      payloads[i] = Parts.DOCUMENT;
      times[i] = block.at.toString();
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            insert into noetl.event %s
            select v.execution_id, v.seq, v.event_id, v.event_type, v.tenant_id, v.payload::json,
                   v.created_at::timestamptz
              from unnest(?::bigint[], ?::int[], ?::bigint[], ?::text[], ?::text[], ?::text[],
                       ?::text[]) as v%s
            """
                .formatted(COLUMNS, COLUMNS))) {
      var pg = connection.unwrap(PGConnection.class);
      insert.setArray(1, pg.createArrayOf("int8", executions));
      insert.setArray(2, pg.createArrayOf("int4", positions));
      insert.setArray(3, pg.createArrayOf("int8", events));
      insert.setArray(4, pg.createArrayOf("text", types));
      insert.setArray(5, pg.createArrayOf("text", tenants));
      insert.setArray(6, pg.createArrayOf("text", payloads));
      insert.setArray(7, pg.createArrayOf("text", times));
      return insert.executeUpdate();
    }
  }

  private long copy(Connection connection, Block block) throws SQLException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < ROWS_PER_COMMIT; i++) {
      text.append(block.execution(i)).append('\t').append(block.seq(i)).append('\t');
      text.append(block.event(i)).append('\t');
      escape(text, TYPE);
      text.append('\t');
      escape(text, TENANT);
      text.append('\t');
      escape(text, Parts.DOCUMENT);
      text.append('\t').append(block.at).append('\n');
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    try {
      return connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn("copy noetl.event " + COLUMNS + " from stdin", new ByteArrayInputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What COPY's text format takes for something else. Part of its price. */
  private static void escape(StringBuilder text, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '\t' -> text.append("\\t");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        default -> text.append(c);
      }
    }
  }

  /** The rows of one commit, by their place among those that wait: the same as in the outbox. */
  private static final class Block {
    private final long first;
    private final int from;
    private final Instant at = Instant.now();

    Block(long first, int from) {
      this.first = first;
      this.from = from;
    }

    long execution(int row) {
      return first + (from + row) / Parts.OF_ONE_EXECUTION;
    }

    int seq(int row) {
      return (from + row) % Parts.OF_ONE_EXECUTION + 1;
    }

    long event(int row) {
      return first + from + row;
    }

    long[] executions() {
      long[] executions = new long[ROWS_PER_COMMIT / Parts.OF_ONE_EXECUTION];
      Arrays.setAll(executions, i -> execution(i * Parts.OF_ONE_EXECUTION));
      return executions;
    }

    Map<Long, Integer> positions() {
      Map<Long, Integer> positions = new HashMap<>();
      for (long execution : executions()) {
        positions.put(execution, Parts.OF_ONE_EXECUTION);
      }
      return positions;
    }
  }

  /** What the commits of one way took. */
  private static final class Times {
    private final Way way;
    private final Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
    private long nanos;

    Times(Way way) {
      this.way = way;
    }

    void add(long time) {
      nanos += time;
      micros.recordValue(time / 1_000);
    }

    Load.Outcome outcome() {
      return new Load.Outcome(micros, nanos / 1e9, 0, "");
    }
  }
}
