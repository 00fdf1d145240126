package io.noetl.archive;

import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Archives what is due, in the background of a server. Any number of servers may do so at once. */
public final class Archiver implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Archiver.class);

  /** So many failures in a row, and the store is taken for away until the next look. */
  private static final int MOST_FAILURES = 5;

  private final Archive archive;
  private final Progress.Loop progress;
  private final Rounds rounds;

  public Archiver(Archive archive, Progress.Loop progress) {
    this.archive = archive;
    this.progress = progress;
    this.rounds =
        new Rounds(
            "archiver",
            archive.every(),
            progress,
            Set.of(DatabaseException.class),
            () -> {
              look();
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

  /** Everything that is due; returns how many executions left the log. */
  int look() {
    int left = 0;
    int failures = 0;
    List<Long> due = archive.due(0);
    while (!due.isEmpty() && !rounds.closing()) {
      for (long executionId : due) {
        Outcome outcome = one(executionId);
        left += outcome == Outcome.LEFT ? 1 : 0;
        failures = outcome == Outcome.FAILED ? failures + 1 : 0;
        progress.moved();
        if (failures == MOST_FAILURES || rounds.closing()) {
          return left;
        }
      }
      due = archive.due(due.getLast());
    }
    return left;
  }

  private enum Outcome {
    LEFT,
    STAYED,
    FAILED
  }

  /** One that cannot be archived must not keep back the others. */
  private Outcome one(long executionId) {
    try {
      return archive.archive(executionId) ? Outcome.LEFT : Outcome.STAYED;
    } catch (ArchiveException | IllegalStateException e) {
      archive.failed();
      log.error("execution {} stays in the log: {}", executionId, e.getMessage());
      return Outcome.FAILED;
    }
  }
}
