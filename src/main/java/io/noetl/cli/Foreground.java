package io.noetl.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;

/**
 * Keeps a process until Ctrl-C or SIGTERM, and then closes what it runs. Each thing to close bounds
 * its own time; the exit code is 0 when all of it closed.
 */
final class Foreground {
  private final PrintWriter err;
  private final AutoCloseable running;
  private final Thread hook = new Thread(this::stop, "stop");

  private Foreground(PrintWriter err, AutoCloseable running) {
    this.err = err;
    this.running = running;
  }

  /**
   * Watches for the end from now on, also while {@code running} is still starting.
   *
   * @param running closed at the end
   */
  static Foreground watch(PrintWriter err, AutoCloseable running) {
    Foreground foreground = new Foreground(err, running);
    Runtime.getRuntime().addShutdownHook(foreground.hook);
    return foreground;
  }

  /** Never returns: the process ends in its shutdown hook. */
  void untilStopped() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  /** The start failed: whoever started has closed it, and nothing is left to watch for. */
  void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already, because of Ctrl-C: let it.
      err.println("noetl: ending");
    }
  }

  private void stop() {
    err.println("noetl: stopping …");
    int code = Exit.OK;
    try {
      running.close();
      err.println("noetl: stopped");
    } catch (Exception e) {
      err.println("noetl: stopped, but " + e.getMessage());
      code = Exit.FAILED;
    }
    err.flush();
    // The JVM's own code would be that of the signal, although all went well.
    Runtime.getRuntime().halt(code);
  }
}
