package io.noetl.chaos;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Sees executions end, by looking at the database past all gates. */
final class Watch implements AutoCloseable {
  private static final long LOOK_MILLIS = 250;

  private final OwnDatabase database;
  private final Load load;
  private volatile boolean closed;
  private @Nullable Thread thread;

  Watch(OwnDatabase database, Load load) {
    this.database = database;
    this.load = load;
  }

  void begin() {
    thread = Thread.ofVirtual().name("watch").start(this::run);
  }

  private void run() {
    while (!closed) {
      try {
        look();
      } catch (SQLException e) {
        // It is away, which is a fault of ours; the next look may see more.
      }
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void look() throws SQLException {
    List<Promise> open = load.inFlight();
    if (open.isEmpty()) {
      return;
    }
    Map<String, Promise> byId = new HashMap<>();
    open.forEach(promise -> byId.put(String.valueOf(promise.executionId()), promise));
    List<List<String>> ended =
        database.rows(
            "select execution_id from noetl.execution where ended_at is not null and execution_id"
                + " in ("
                + byId.keySet().stream().collect(Collectors.joining(","))
                + ")");
    for (List<String> row : ended) {
      Promise promise = byId.get(row.getFirst());
      if (promise != null) {
        promise.ended();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
