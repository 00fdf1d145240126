package io.noetl.result;

import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Now and then deletes results whose time is over, and content to which nothing refers. */
public final class ResultSweeper implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(ResultSweeper.class);
  private static final int AT_ONCE = 500;
  private static final Duration UNUSED = Duration.ofHours(1);

  private final ResultStore store;
  private final ResultUploads uploads;
  private final Rounds rounds;

  /**
   * @param interval between two rounds
   */
  public ResultSweeper(
      ResultStore store, ResultUploads uploads, Duration interval, Progress.Loop progress) {
    this.store = store;
    this.uploads = uploads;
    this.rounds =
        new Rounds(
            "result sweeper", interval, progress, Set.of(DatabaseException.class), this::round);
  }

  @Override
  public void start() {
    rounds.start();
  }

  @Override
  public void close() {
    rounds.close();
  }

  private Rounds.Next round() {
    int over = store.sweep(AT_ONCE, UNUSED);
    uploads.sweep(AT_ONCE, UNUSED);
    if (over > 0) {
      log.info("{} results were deleted: their time was over", over);
    }
    return Rounds.Next.LATER;
  }
}
