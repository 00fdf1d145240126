package io.noetl.mode;

import io.noetl.api.HealthSource;
import io.noetl.bus.Bus;
import io.noetl.bus.BusHealth;
import io.noetl.bus.EmbeddedBus;
import io.noetl.postgres.Database;
import io.noetl.support.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the process may be sent work: its parts have started, what it needs answers, and every
 * loop goes round. Safe for use by many threads.
 */
final class Readiness implements HealthSource {
  private final String mode;
  private final Progress progress;
  private final Map<String, String> waiting = new ConcurrentSkipListMap<>();
  private final Map<String, String> notes = new ConcurrentSkipListMap<>();
  private final Map<String, Supplier<@Nullable String>> asked = new ConcurrentSkipListMap<>();
  private final Map<String, Supplier<String>> told = new ConcurrentSkipListMap<>();
  private volatile @Nullable Database database;
  private volatile @Nullable Bus bus;
  private volatile boolean started;

  Readiness(String mode, Progress progress) {
    this.mode = mode;
    this.progress = progress;
  }

  /** A part waits for something; shown until {@link #arrived}. */
  void waits(String part, String reason) {
    waiting.put(part, reason);
  }

  void arrived(String part) {
    waiting.remove(part);
  }

  /** Something is not as it should be, but nothing has to stop for it; null = it is again. */
  void note(String part, @Nullable String detail) {
    if (detail == null) {
      notes.remove(part);
    } else {
      notes.put(part, detail);
    }
  }

  /**
   * A part that says itself, whenever somebody asks, what keeps it from its work.
   *
   * @param trouble null = nothing; must answer at once
   */
  void asks(String part, Supplier<@Nullable String> trouble) {
    asked.put(part, trouble);
  }

  /** Something to know about a part, whenever somebody asks; nothing waits for it. */
  void tells(String part, Supplier<String> detail) {
    told.put(part, detail);
  }

  void database(Database used) {
    database = used;
  }

  void bus(Bus used) {
    bus = used;
  }

  /** Every part of the process has started. */
  void started() {
    started = true;
  }

  @Override
  public String mode() {
    return mode;
  }

  @Override
  public boolean databaseAnswers() {
    Database used = database;
    return used != null && used.answers();
  }

  @Override
  public String bus() {
    Bus used = bus;
    if (used == null) {
      return "degraded";
    }
    return used instanceof EmbeddedBus ? "embedded" : used.health().connected() ? "ok" : "degraded";
  }

  @Override
  public List<Check> checks() {
    List<Check> checks = new ArrayList<>();
    checks.add(new Check("started", started, started ? null : "still starting"));
    waiting.forEach((part, reason) -> checks.add(new Check(part, false, reason)));
    notes.forEach((part, detail) -> checks.add(new Check(part, true, detail)));
    told.forEach((part, detail) -> checks.add(new Check(part, true, detail.get())));
    asked.forEach(
        (part, trouble) -> {
          String said = trouble.get();
          checks.add(new Check(part, said == null, said));
        });
    Database used = database;
    if (used != null) {
      boolean answers = used.answers();
      checks.add(new Check("database", answers, answers ? null : "does not answer"));
    }
    Bus bound = bus;
    if (bound != null) {
      BusHealth health = bound.health();
      checks.add(
          new Check("bus", health.connected(), health.connected() ? null : health.lastError()));
    }
    for (Progress.Age age : progress.ages()) {
      String stuck = age.stuckOn();
      checks.add(
          new Check(
              age.name(),
              age.ok(),
              stuck != null ? stuck : "moved " + age.age().toMillis() + " ms ago"));
    }
    return checks;
  }
}
