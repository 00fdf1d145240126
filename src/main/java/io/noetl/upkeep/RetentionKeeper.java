package io.noetl.upkeep;

import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.upkeep.Purge.Purged;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes now and then what is over by the settings and by the rules of retention. Every server
 * may: what one has removed the others do not find.
 */
public final class RetentionKeeper implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(RetentionKeeper.class);

  private final Purge purge;
  private final Settings settings;
  private final Progress.Loop progress;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Thread thread;

  /**
   * @param every between two rounds
   * @param ages what may go
   */
  public record Settings(Duration every, Purge.Ages ages) {}

  public RetentionKeeper(Purge purge, Settings settings, Progress.Loop progress) {
    this.purge = purge;
    this.settings = settings;
    this.progress = progress;
  }

  @Override
  public void start() {
    thread = Thread.ofVirtual().name("retention").start(this::run);
  }

  /** Waits for the batch that runs: to interrupt it would break its connection. */
  @Override
  public void close() {
    closing.countDown();
    Thread running = thread;
    if (running != null) {
      try {
        running.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    try {
      while (!closing.await(settings.every().toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          round();
          progress.moved();
        } catch (DatabaseException e) {
          progress.stuck(String.valueOf(e.getMessage()));
          log.warn("retention tries again: {}", e.getMessage());
        } catch (RuntimeException e) {
          // A fault of ours. The loop must not end in silence: it goes on, and readiness says why.
          progress.stuck("internal error: " + e.getClass().getSimpleName());
          log.error("retention failed, it tries again", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Removes all that is over.
   *
   * @return how many executions went
   */
  int round() {
    int executions = 0;
    Purged purged;
    do {
      purged = purge.purge(settings.ages(), false);
      executions += purged.executions();
      if (purged.executions() + purged.commands() + purged.runtimes() > 0
          || !purged.partitions().isEmpty()) {
        log.info(
            "removed {} executions with {} events, {} dead commands and messages, {} silent"
                + " components, partitions {}",
            purged.executions(),
            purged.events(),
            purged.commands(),
            purged.runtimes(),
            purged.partitions());
      }
      progress.moved();
    } while (purged.more() && closing.getCount() > 0);
    return executions;
  }
}
