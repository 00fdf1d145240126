package io.noetl.admission;

import org.jspecify.annotations.Nullable;

/** One backlog with a high and a low mark. Safe for use by many threads. */
final class Mark {
  /** Shortest and longest pause that a refused caller is asked for, in seconds. */
  private static final int SHORTEST = 1;

  private static final int LONGEST = 60;

  /** The pause while nothing says how fast the backlog shrinks. */
  private static final int USUAL = 5;

  private static final double NANOS = 1e9;

  private final AdmissionMetrics.Kind kind;
  private final String what;
  private final String setting;
  private final long high;
  private final long low;
  private boolean passed;
  private long backlog;
  private long observedAt;
  private double perSecond;

  /**
   * @param what the backlog in words, in the plural
   * @param setting of the high mark
   */
  Mark(AdmissionMetrics.Kind kind, String what, String setting, long high, int lowPercent) {
    this.kind = kind;
    this.what = what;
    this.setting = setting;
    this.high = high;
    this.low = Math.min(high - 1, Math.ceilDiv(high * lowPercent, 100));
  }

  /**
   * Takes the backlog as it is now.
   *
   * @param nanos a clock that only moves forward
   */
  synchronized void observe(long now, long nanos) {
    double seconds = (nanos - observedAt) / NANOS;
    if (observedAt != 0 && seconds > 0) {
      perSecond = (backlog - now) / seconds;
    }
    observedAt = nanos;
    update(now);
  }

  /** Takes the backlog without learning how fast it shrinks: it is looked at too often for that. */
  synchronized void update(long now) {
    backlog = now;
    passed = passed ? now > low : now >= high;
  }

  synchronized boolean passed() {
    return passed;
  }

  /** Why a start is refused, or null while the mark is not passed. */
  synchronized @Nullable Overload refusal() {
    if (!passed) {
      return null;
    }
    return new Overload(
        kind,
        "Expected fewer than "
            + high
            + " "
            + what
            + " ("
            + setting
            + "), but there are about "
            + backlog
            + "; new executions are accepted again at "
            + low,
        pause());
  }

  private int pause() {
    if (perSecond <= 0) {
      return USUAL;
    }
    return (int) Math.clamp(Math.ceil((backlog - low) / perSecond), SHORTEST, LONGEST);
  }
}
