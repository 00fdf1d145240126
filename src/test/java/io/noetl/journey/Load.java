package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.DatabaseConfig;
import io.noetl.testing.Databases;
import io.noetl.testing.TestClient;
import io.noetl.testing.Waiting;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Executions of every sort, started side by side although servers come and go. */
final class Load implements AutoCloseable {
  private static final int STARTERS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String name;
  private final TestClient client;
  private final DatabaseConfig database;
  private final Map<String, Run> runs = new ConcurrentHashMap<>();
  private final ExecutorService starters =
      Executors.newFixedThreadPool(STARTERS, Thread.ofVirtual().factory());
  private final List<Future<?>> starting = new ArrayList<>();

  private record Run(Journey journey, int n) {}

  /**
   * @param name unique in the database, for each start happens once under a key made from it
   */
  Load(String name, TestClient client, DatabaseConfig database) {
    this.database = database;
    this.name = name;
    this.client = client;
  }

  /** Starts so many more; returns at once. */
  void begin(int executions) {
    for (int i = 0; i < executions; i++) {
      int n = starting.size();
      Journey journey = Journey.ALL.get(n % Journey.ALL.size());
      starting.add(starters.submit(() -> start(journey, n)));
    }
  }

  private void start(Journey journey, int n) {
    String key = name + "-" + n;
    String id = client.executeOnce(journey.path(), Map.of("n", n), key, PATIENCE);
    runs.put(id, new Run(journey, n));
  }

  /** Waits until executions run, so that what follows hits them. */
  void underWay() throws Exception {
    Waiting.until(
        PATIENCE,
        () -> "nothing runs",
        () -> {
          starting.stream()
              .filter(start -> start.state() == Future.State.FAILED)
              .findFirst()
              .ifPresent(
                  failed -> {
                    throw new AssertionError(failed.exceptionNow());
                  });
          return commands() > 5;
        });
  }

  private long commands() {
    try {
      return Databases.count(database, "select count(*) from noetl.command");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until the start of each has been answered. */
  void awaitStarted() throws InterruptedException, ExecutionException {
    for (Future<?> start : starting) {
      start.get();
    }
    assertThat(runs).as("one execution per start").hasSize(starting.size());
  }

  /** Each has completed, with the result that it should have. */
  void assertResults() throws Exception {
    awaitStarted();
    for (Map.Entry<String, Run> entry : runs.entrySet()) {
      Run run = entry.getValue();
      Map<String, Object> execution = client.ended(entry.getKey(), PATIENCE);
      assertThat(execution.get("status"))
          .as("execution %s of %s: %s", entry.getKey(), run.journey().path(), execution)
          .isEqualTo("COMPLETED");
      Map<String, Object> expected = run.journey().result().apply(run.n());
      if (!expected.equals(execution.get("result"))) {
        throw new AssertionError(
            "Expected %s of execution %s of %s, but got %s; its events: %s"
                .formatted(
                    expected,
                    entry.getKey(),
                    run.journey().path(),
                    execution.get("result"),
                    client.events(entry.getKey())));
      }
    }
  }

  @Override
  public void close() {
    starters.shutdownNow();
  }
}
