package io.noetl.archive;

import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Archives what is due, in the background of a server. Any number of servers may do so at once. */
public final class Archiver implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Archiver.class);

  private final Archive archive;
  private final Progress.Loop progress;
  private volatile @Nullable Thread thread;

  public Archiver(Archive archive, Progress.Loop progress) {
    this.archive = archive;
    this.progress = progress;
  }

  @Override
  public void start() {
    thread = Thread.ofVirtual().name("archiver").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        look();
        Thread.sleep(archive.every());
      }
    } catch (InterruptedException e) {
      // Only close interrupts.
    }
  }

  /** Everything that is due; returns how many executions left the log. */
  int look() throws InterruptedException {
    int left = 0;
    try {
      List<Long> due = archive.due(0);
      while (!due.isEmpty()) {
        for (long executionId : due) {
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
          left += one(executionId) ? 1 : 0;
          progress.moved();
        }
        due = archive.due(due.getLast());
      }
      progress.moved();
    } catch (DatabaseException e) {
      log.warn("nothing was archived: {}", e.getMessage());
    }
    return left;
  }

  /** One that cannot be archived must not keep back the others. */
  private boolean one(long executionId) {
    try {
      return archive.archive(executionId);
    } catch (ArchiveException | IllegalStateException e) {
      archive.failed();
      log.error("execution {} stays in the log: {}", executionId, e.getMessage());
      return false;
    }
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      try {
        running.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
