package io.noetl.command;

import io.noetl.command.CommandQueue.Expired;
import io.noetl.execution.ExecutionIntent;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.journal.JournalUnavailableException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends leases that ran out. Any number of servers may sweep at once: the fence of the row decides
 * whose intent counts.
 */
public final class LeaseSweeper implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(LeaseSweeper.class);

  /** Leases ended in one sweep; the next follows at once when there were that many. */
  private static final int BATCH = 500;

  private final CommandQueue commands;
  private final IntentHandler intents;
  private final Duration every;
  private final Progress.Loop progress;
  private volatile boolean closing;
  private volatile @Nullable Thread thread;

  public LeaseSweeper(
      CommandQueue commands, IntentHandler intents, Duration every, Progress.Loop progress) {
    this.commands = commands;
    this.intents = intents;
    this.every = every;
    this.progress = progress;
  }

  @Override
  public void start() {
    thread = Thread.ofVirtual().name("lease-sweeper").start(this::run);
  }

  @Override
  public void close() {
    closing = true;
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

  private void run() {
    while (!closing) {
      try {
        int found = sweep();
        progress.moved();
        if (found < BATCH) {
          Thread.sleep(every);
        }
      } catch (InterruptedException e) {
        closing = true;
      } catch (SQLException | JournalUnavailableException e) {
        progress.stuck(String.valueOf(e.getMessage()));
        log.warn("lease sweep failed, trying again: {}", e.getMessage());
        pause();
      } catch (RuntimeException e) {
        // A fault of ours. The loop must not end in silence: it goes on, and readiness says why.
        progress.stuck("internal error: " + e.getClass().getSimpleName());
        log.error("lease sweep failed, trying again", e);
        pause();
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(every);
    } catch (InterruptedException e) {
      closing = true;
    }
  }

  /** Ends the leases that have run out and returns how many there were. */
  int sweep() throws SQLException {
    List<Expired> leases = commands.expired(BATCH);
    for (Expired lease : leases) {
      IntentReply reply =
          intents.handle(
              lease.tenantId(),
              lease.executionId(),
              new ExecutionIntent.ExpireLease(
                  lease.commandId(),
                  lease.attempt(),
                  lease.maxAttempts(),
                  lease.fence(),
                  lease.workerId()));
      if (reply instanceof IntentReply.Accepted) {
        log.info(
            "lease of {} ran out (execution={}, command={}, attempt={})",
            lease.workerId(),
            lease.executionId(),
            lease.commandId(),
            lease.attempt());
      }
    }
    return leases.size();
  }
}
