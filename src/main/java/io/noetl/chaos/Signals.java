package io.noetl.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** Signals that the JDK cannot send. */
final class Signals {
  private static final long PATIENCE_SECONDS = 10;

  private Signals() {}

  /**
   * @param signal such as {@code STOP}
   */
  static void send(ProcessHandle process, String signal) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean ended = kill.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if ((!ended || kill.exitValue() != 0) && process.isAlive()) {
        throw new IllegalStateException(
            "Expected to send SIG" + signal + " to " + process.pid() + ", but kill failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
