package io.noetl.journal;

import io.noetl.support.Lifecycle;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the publisher that the outbox has grown.
 *
 * <p>A NOTIFY inside the transaction that appends takes a cluster-wide lock at commit, which gives
 * away what group commit has gained. So it is sent after the commit, by itself, and one for all
 * commits that happened while the last one was on its way. When it is lost with this process, the
 * publisher's tick finds the rows.
 *
 * <p>A publisher in this process is woken directly, and then nobody else needs to hear.
 */
public final class CommitNotifier implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(CommitNotifier.class);

  private final DataSource database;
  private final String channel;
  private final BooleanSupplier near;
  private final Semaphore pending = new Semaphore(0);
  private volatile boolean closing;
  private volatile @Nullable Thread thread;

  /**
   * @param near wakes the publisher of this process; false when there is none that publishes
   */
  public CommitNotifier(DataSource database, String channel, BooleanSupplier near) {
    this.database = database;
    this.channel = channel;
    this.near = near;
  }

  @Override
  public void start() {
    thread = Thread.ofPlatform().daemon().name("notifier").start(this::run);
  }

  /** Something was committed. Returns at once. */
  public void committed() {
    if (!near.getAsBoolean()) {
      pending.release();
    }
  }

  private void run() {
    boolean healthy = true;
    while (!closing) {
      try {
        pending.acquire();
        pending.drainPermits();
        if (!closing) {
          send();
          healthy = true;
        }
      } catch (InterruptedException e) {
        closing = true;
      } catch (SQLException e) {
        if (healthy) {
          log.warn("the publisher was not woken; its tick will find the rows: {}", e.getMessage());
        }
        healthy = false;
      } catch (RuntimeException e) {
        // A fault of ours. The loop must not end in silence; the publisher's tick covers the gap.
        log.error("the publisher was not woken; its tick will find the rows", e);
        healthy = false;
      }
    }
  }

  private void send() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("notify " + channel);
    }
  }

  @Override
  public void close() {
    closing = true;
    pending.release();
    Thread running = thread;
    if (running != null) {
      try {
        running.join(Duration.ofSeconds(2));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
