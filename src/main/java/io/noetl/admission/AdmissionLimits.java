package io.noetl.admission;

import java.time.Duration;

/**
 * When new executions are refused.
 *
 * @param outboxHigh events that are not in the log yet ({@code admission.outbox-high})
 * @param commandsHigh commands of one pool that nobody has claimed ({@code
 *     admission.commands-high})
 * @param decisionsHigh intents that wait for a decision and its commit in this server ({@code
 *     admission.decisions-high})
 * @param lowPercent of a high mark, from 1 to 100: a mark that was passed holds until its backlog
 *     has fallen to that ({@code admission.low-percent})
 * @param sample how often backlogs are looked at ({@code admission.sample})
 */
public record AdmissionLimits(
    long outboxHigh, long commandsHigh, long decisionsHigh, int lowPercent, Duration sample) {

  public static final AdmissionLimits DEFAULT =
      new AdmissionLimits(200_000, 200_000, 10_000, 80, Duration.ofSeconds(1));

  public AdmissionLimits {
    if (outboxHigh < 1 || commandsHigh < 1 || decisionsHigh < 1) {
      throw new IllegalArgumentException(
          "Expected high marks of 1 or more (admission.outbox-high, .commands-high,"
              + " .decisions-high), but they are "
              + outboxHigh
              + ", "
              + commandsHigh
              + " and "
              + decisionsHigh);
    }
    if (lowPercent < 1 || lowPercent > 100) {
      throw new IllegalArgumentException(
          "Expected admission.low-percent from 1 to 100, but it is " + lowPercent);
    }
    if (!sample.isPositive()) {
      throw new IllegalArgumentException(
          "Expected admission.sample to be positive, but it is " + sample.toMillis() + " ms");
    }
  }
}
