package io.noetl.journal;

import io.noetl.execution.KnownData;
import io.noetl.execution.KnownData.Known;
import io.noetl.execution.KnownData.Missing;
import java.sql.SQLException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets data for intents whose decision needs it, on threads of its own, and puts them into the
 * lane's queue again. Safe for use by the lane and its threads.
 */
final class DataFetcher {
  private static final Logger log = LoggerFactory.getLogger(DataFetcher.class);

  private final ResultVault vault;
  private final BlockingQueue<Submission> queue;
  private final AtomicInteger busy = new AtomicInteger();

  DataFetcher(ResultVault vault, BlockingQueue<Submission> queue) {
    this.vault = vault;
    this.queue = queue;
  }

  /** The data at hand for one intent. */
  KnownData known(Submission submission) {
    return uri -> {
      Known got = submission.data().get(uri);
      return got != null ? got : vault.cached(submission.tenantId(), uri);
    };
  }

  /** Whether no intent is away for its data. */
  boolean idle() {
    return busy.get() == 0;
  }

  /** Takes the intent out of the lane until its data is there. */
  void fetch(Submission submission, String uri) {
    busy.incrementAndGet();
    Thread.ofVirtual()
        .name("data of " + submission.executionId())
        .start(() -> run(submission, uri));
  }

  private void run(Submission submission, String uri) {
    try {
      queue.put(submission.with(uri, got(submission, uri)));
    } catch (SQLException e) {
      submission.reply().completeExceptionally(new JournalUnavailableException(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      submission.reply().completeExceptionally(new IllegalStateException("interrupted", e));
    } catch (RuntimeException e) {
      log.error("data of {} cannot be read (execution={})", uri, submission.executionId(), e);
      submission.reply().completeExceptionally(e);
    } catch (OutOfMemoryError e) {
      // One result that is too large for this process must not leave its caller waiting.
      submission
          .reply()
          .completeExceptionally(
              new IllegalStateException("not enough memory for the data of " + uri, e));
    } finally {
      busy.decrementAndGet();
    }
  }

  private Known got(Submission submission, String uri) throws SQLException {
    int most = vault.maxReferences();
    return submission.needs() >= most
        ? new Missing(
            "Expected one decision to touch at most "
                + most
                + " stored results (results.max-references), but it touches more, of them "
                + uri)
        : vault.load(submission.tenantId(), uri);
  }
}
