package io.noetl.bench;

import io.noetl.bus.Bus;
import io.noetl.bus.PubAck;
import io.noetl.bus.Subjects;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What this machine can do with the bare resource, measured in the same run as the figures that
 * stand beside it: disks and processors of shared machines differ from minute to minute.
 */
final class RawLimits {
  private static final String DOCUMENT = "x".repeat(226);
  private static final int CLIENTS = 8;
  private static final Duration HTTP_WARM_UP = Duration.ofSeconds(4);

  private final Map<String, Limit> found = new LinkedHashMap<>();

  /**
   * @param perSecond how often it can be done
   * @param p50Ms of one
   */
  record Limit(double perSecond, double p50Ms, double p99Ms) {
    static Limit of(Load.Outcome outcome, int each) {
      return new Limit(
          outcome.rate() * each,
          outcome.micros().getValueAtPercentile(50) / 1e3,
          outcome.micros().getValueAtPercentile(99) / 1e3);
    }
  }

  Map<String, Limit> all() {
    return found;
  }

  /** The limit of that name; null when it was not measured. */
  @Nullable Limit get(String name) {
    return found.get(name);
  }

  void put(String name, Limit limit) {
    found.put(name, limit);
  }

  /** Commits and rows, with the same driver and server as the program. */
  void database(Stand stand, Duration length) throws SQLException, InterruptedException {
    try (Connection connection = stand.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create schema if not exists bench");
      statement.execute(
          "create table if not exists bench.raw (id bigserial primary key, doc json)");
      statement.execute(
          "create table if not exists bench.outbox (like noetl.event_outbox including all)");
      statement.execute("create table if not exists bench.log (like noetl.event including all)");
    }
    String insert = "insert into bench.raw (doc) values (?::json)";
    String document = "{\"text\":\"" + DOCUMENT + "\"}";
    for (int clients : new int[] {1, CLIENTS}) {
      put(
          "commit-" + clients,
          Limit.of(
              statements(
                  stand, clients, length, insert, statement -> statement.setString(1, document)),
              1));
    }
    for (int each : new int[] {100, 500}) {
      String table = each == 100 ? "bench.outbox" : "bench.log";
      put(
          "rows-" + each,
          Limit.of(
              statements(
                  stand,
                  // As many as write: lanes and others side by side, the projector alone.
                  each == 100 ? 4 : 1,
                  length,
                  rows(table),
                  statement -> {
                    statement.setString(1, document);
                    statement.setInt(2, each);
                  }),
              each));
    }
    try (Connection connection = stand.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("truncate bench.raw, bench.outbox, bench.log");
    }
  }

  private static String rows(String table) {
    return """
    insert into %s (execution_id, seq, event_id, event_type, tenant_id, payload, created_at)
    select nextval('bench.raw_id_seq'), 1, n, 'call.done', 'default', ?::json, now()
      from generate_series(1, ?) n
    """
        .formatted(table);
  }

  private interface Binding {
    void bind(PreparedStatement statement) throws SQLException;
  }

  private static Load.Outcome statements(
      Stand stand, int clients, Duration length, String sql, Binding binding)
      throws SQLException, InterruptedException {
    List<Connection> connections = new ArrayList<>();
    try {
      List<PreparedStatement> prepared = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        Connection connection = stand.connect();
        connections.add(connection);
        prepared.add(connection.prepareStatement(sql));
      }
      return Load.closed(
          clients,
          length,
          client -> {
            try {
              PreparedStatement statement = prepared.get(client);
              binding.bind(statement);
              statement.execute();
            } catch (SQLException e) {
              throw new BenchException(
                  "Expected a raw statement to work, but " + e.getMessage(), e);
            }
          });
    } finally {
      for (Connection connection : connections) {
        connection.close();
      }
    }
  }

  /** An empty round trip to the API, which has been in use for a while. */
  void http(Stand stand, Duration length) throws InterruptedException {
    var client = stand.client();
    Load.Run run =
        _ -> {
          if (!client.get("/api/health").ok()) {
            throw new BenchException("Expected the API to be well");
          }
        };
    Load.closed(CLIENTS, HTTP_WARM_UP, run);
    for (int clients : new int[] {1, CLIENTS}) {
      put("http-" + clients, Limit.of(Load.closed(clients, length, run), 1));
    }
  }

  /** Messages with ids that the stream has acknowledged: one at a time, and with a window. */
  void bus(Bus bus, Duration length) throws InterruptedException {
    bus.ensureStreams();
    byte[] body = ("{\"text\":\"" + DOCUMENT + "\"}").getBytes(StandardCharsets.UTF_8);
    long run = System.nanoTime();
    long[] number = {0};
    Load.Outcome one =
        Load.closed(
            1,
            length,
            _ -> {
              long n = number[0]++;
              settle(bus.publish(Subjects.event("bench", 0, n), "raw-" + run + "-" + n, body));
            });
    put("publish-1", Limit.of(one, 1));
    ArrayDeque<CompletableFuture<PubAck>> acks = new ArrayDeque<>();
    long begun = System.nanoTime();
    long end = begun + length.toNanos();
    long sent = 0;
    while (System.nanoTime() < end) {
      acks.add(bus.publish(Subjects.event("bench", 0, sent), "win-" + run + "-" + sent, body));
      sent++;
      while (!acks.isEmpty() && acks.getFirst().isDone()) {
        settle(acks.removeFirst());
      }
    }
    while (!acks.isEmpty()) {
      settle(acks.removeFirst());
    }
    put("publish-window", new Limit(sent / ((System.nanoTime() - begun) / 1e9), 0, 0));
  }

  private static void settle(CompletableFuture<PubAck> ack) throws InterruptedException {
    try {
      ack.get();
    } catch (ExecutionException e) {
      throw new BenchException("Expected the bus to take a message, but " + e.getMessage(), e);
    }
  }
}
