package io.noetl.admission;

import io.noetl.admission.AdmissionMetrics.Kind;
import io.noetl.postgres.DatabaseException;
import io.noetl.query.Backlog;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says whether new executions may start now. Safe for use by many threads. */
public final class Admission implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  private final Backlog backlog;
  private final IntSupplier decisionsWaiting;
  private final AdmissionLimits limits;
  private final AdmissionMetrics metrics;
  private final Rounds rounds;
  private final LongSupplier nanos;
  private final Mark outbox;
  private final Mark decisions;
  private final Map<String, Mark> pools = new ConcurrentHashMap<>();

  /**
   * @param decisionsWaiting intents that wait in this server; asked at each start, so it must be
   *     quick
   * @param nanos a clock that only moves forward
   */
  public Admission(
      Backlog backlog,
      IntSupplier decisionsWaiting,
      AdmissionLimits limits,
      AdmissionMetrics metrics,
      Progress.Loop progress,
      LongSupplier nanos) {
    this.backlog = backlog;
    this.decisionsWaiting = decisionsWaiting;
    this.limits = limits;
    this.metrics = metrics;
    // The last sample counts on while the database is down; readiness says why it grows old.
    this.rounds =
        new Rounds(
            "admission",
            limits.sample(),
            progress,
            Set.of(DatabaseException.class),
            () -> {
              look();
              return Rounds.Next.LATER;
            });
    this.nanos = nanos;
    this.outbox =
        mark(
            Kind.OUTBOX,
            "events in the outbox that are not in the log yet",
            "admission.outbox-high",
            limits.outboxHigh());
    this.decisions =
        mark(
            Kind.DECISIONS,
            "requests that wait for the database in this server",
            "admission.decisions-high",
            limits.decisionsHigh());
  }

  private Mark mark(Kind kind, String what, String setting, long high) {
    return new Mark(kind, what, setting, high, limits.lowPercent());
  }

  /**
   * Why a new execution is refused, or null when it may start. A refusal is counted.
   *
   * @param used the pools to which the execution may send commands; asked for only while the mark
   *     of one is passed
   */
  public @Nullable Overload refusal(Supplier<Set<String>> used) {
    decisions.update(decisionsWaiting.getAsInt());
    Overload refusal = outbox.refusal();
    if (refusal == null) {
      refusal = decisions.refusal();
    }
    if (refusal == null && pools.values().stream().anyMatch(Mark::passed)) {
      for (String pool : used.get()) {
        Mark mark = pools.get(pool);
        refusal = mark == null ? null : mark.refusal();
        if (refusal != null) {
          break;
        }
      }
    }
    if (refusal != null) {
      metrics.refused(refusal.kind());
    }
    return refusal;
  }

  @Override
  public void start() {
    rounds.start();
  }

  @Override
  public void close() {
    rounds.close();
  }

  /** Takes one sample. */
  void look() {
    Backlog.Sample sample = backlog.sample();
    long now = nanos.getAsLong();
    observe(outbox, sample.outbox(), now, "the outbox");
    metrics.observed(Kind.OUTBOX, sample.outbox(), outbox.passed());
    int waiting = decisionsWaiting.getAsInt();
    observe(decisions, waiting, now, "decisions");
    metrics.observed(Kind.DECISIONS, waiting, decisions.passed());
    long most = 0;
    boolean anyPassed = false;
    for (Map.Entry<String, Long> pool : sample.commands().entrySet()) {
      String name = pool.getKey();
      Mark mark =
          pools.computeIfAbsent(
              name,
              _ ->
                  mark(
                      Kind.COMMANDS,
                      "commands of pool '" + name + "' that no worker has claimed",
                      "admission.commands-high",
                      limits.commandsHigh()));
      observe(mark, pool.getValue(), now, "pool '" + name + "'");
      most = Math.max(most, pool.getValue());
      anyPassed |= mark.passed();
    }
    pools.keySet().retainAll(sample.commands().keySet());
    metrics.observed(Kind.COMMANDS, most, anyPassed);
  }

  private static void observe(Mark mark, long backlog, long now, String name) {
    boolean before = mark.passed();
    mark.observe(backlog, now);
    if (before != mark.passed()) {
      log.warn(
          "new executions are {} because of the backlog of {}, about {}",
          before ? "accepted again" : "refused",
          name,
          backlog);
    }
  }
}
