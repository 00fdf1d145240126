package io.noetl.verify;

import io.noetl.envelope.NoIdsException;
import io.noetl.journal.JournalUnavailableException;
import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks now and then for running executions that have neither a command nor a wait, names them, and
 * has the doctor repair or end them. Every server may watch: repairs meet in the database.
 */
public final class StuckWatch implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(StuckWatch.class);

  /** Executions of one round; the next one goes on. */
  private static final int BATCH = 200;

  private final Doctor doctor;
  private final Settings settings;
  private final DoctorMetrics metrics;
  private final Rounds rounds;

  /**
   * @param every between two rounds
   * @param grace how long an execution must have been left alone
   * @param repair false = only names them
   */
  public record Settings(Duration every, Duration grace, boolean repair) {}

  public StuckWatch(
      Doctor doctor, Settings settings, DoctorMetrics metrics, Progress.Loop progress) {
    this.doctor = doctor;
    this.settings = settings;
    this.metrics = metrics;
    this.rounds =
        new Rounds(
            "stuck watch",
            settings.every(),
            progress,
            Set.of(
                DatabaseException.class, JournalUnavailableException.class, NoIdsException.class),
            () -> {
              round();
              return Rounds.Next.LATER;
            });
  }

  @Override
  public void start() {
    rounds.start();
  }

  @Override
  public void close() {
    rounds.close();
  }

  /** Names, and repairs, those that are stuck now; returns how many there were. */
  int round() {
    List<Doctor.Stuck> found = doctor.stuck(null, settings.grace(), BATCH);
    metrics.stuck(found.size());
    for (Doctor.Stuck stuck : found) {
      if (settings.repair()) {
        Diagnosis diagnosis = doctor.repair(stuck.tenantId(), stuck.executionId());
        if (diagnosis.broken()) {
          log.error(
              "execution {} waits for nothing, and it cannot be repaired: {}",
              stuck.executionId(),
              diagnosis.left());
        }
      } else {
        log.error(
            "execution {} waits for nothing: repair it with `noetl doctor --repair {}`"
                + " (doctor.repair is off)",
            stuck.executionId(),
            stuck.executionId());
      }
    }
    return found.size();
  }
}
