package io.noetl.tool.container;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Deletes jobs that nobody waits for any more, from time to time: those of cancelled executions, of
 * steps whose time was over, of workers that died. The cluster knows what was started, and the
 * server which commands are open, so nothing has to be remembered in between. Every worker with
 * access to the cluster may do so.
 */
public final class JobReaper implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(JobReaper.class.getName());

  /** Which commands have ended. */
  @FunctionalInterface
  public interface Commands {
    /**
     * @param executions execution ids by command id
     * @return ids of those commands that have ended; none that is not known
     * @throws RuntimeException when the server does not answer
     */
    Set<String> ended(Map<String, String> executions) throws InterruptedException;
  }

  private final ContainerExecutor executor;
  private final Commands commands;
  private final Duration every;
  private final CountDownLatch stop = new CountDownLatch(1);
  private @Nullable String problem;
  private volatile @Nullable Thread thread;

  /**
   * @param every {@code kubernetes.sweep-interval}
   */
  public JobReaper(ContainerExecutor executor, Commands commands, Duration every) {
    this.executor = executor;
    this.commands = commands;
    this.every = every;
  }

  public void start() {
    thread = Thread.ofVirtual().name("job-reaper").start(this::run);
  }

  private void run() {
    try {
      while (!stop.await(every.toMillis(), TimeUnit.MILLISECONDS)) {
        sweep();
      }
    } catch (InterruptedException e) {
      LOG.log(System.Logger.Level.DEBUG, "the search for jobs ends with the worker");
    }
  }

  private void sweep() throws InterruptedException {
    try {
      executor.sweep(commands);
      problem = null;
    } catch (ClusterException | RuntimeException e) {
      // Tried again; told once, however long it lasts.
      String message = String.valueOf(e.getMessage());
      if (!message.equals(problem)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "jobs that nobody waits for cannot be looked for: " + message);
        problem = message;
      }
    }
  }

  @Override
  public void close() {
    stop.countDown();
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
