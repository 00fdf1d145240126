package io.noetl.result;

import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Now and then deletes results whose time is over, and content to which nothing refers. */
public final class ResultSweeper implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(ResultSweeper.class);
  private static final int AT_ONCE = 500;
  private static final Duration UNUSED = Duration.ofHours(1);

  private final ResultStore store;
  private final ResultUploads uploads;
  private final Duration interval;
  private final Progress.Loop progress;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /**
   * @param interval between two rounds
   */
  public ResultSweeper(
      ResultStore store, ResultUploads uploads, Duration interval, Progress.Loop progress) {
    this.store = store;
    this.uploads = uploads;
    this.interval = interval;
    this.progress = progress;
    this.thread = Thread.ofVirtual().name("result sweeper").unstarted(this::run);
  }

  @Override
  public void start() {
    thread.start();
  }

  private void run() {
    try {
      do {
        round();
      } while (!closing.await(interval.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void round() {
    try {
      int over = store.sweep(AT_ONCE, UNUSED);
      uploads.sweep(AT_ONCE, UNUSED);
      if (over > 0) {
        log.info("{} results were deleted: their time was over", over);
      }
      progress.moved();
    } catch (DatabaseException e) {
      progress.stuck(String.valueOf(e.getMessage()));
      log.warn("the sweep of results is tried again: {}", e.getMessage());
    } catch (RuntimeException e) {
      progress.stuck("internal error: " + e.getClass().getSimpleName());
      log.error("the sweep of results failed, it is tried again", e);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
