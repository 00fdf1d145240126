package io.noetl.bus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Remembers a child process across the death of this one. Process ids are used again, so the start
 * time is remembered too, and only a process that has both is ever ended.
 */
record PidFile(Path path) {

  void write(ProcessHandle process) throws IOException {
    Files.writeString(path, process.pid() + " " + startOf(process));
  }

  /** Ends the remembered process if it still runs and its program has this name. */
  void endLeftover(String program, Duration limit) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    String[] words = Files.readString(path).strip().split(" ", -1);
    if (words.length == 2 && words[0].matches("\\d{1,18}")) {
      ProcessHandle.of(Long.parseLong(words[0]))
          .filter(process -> startOf(process).equals(words[1]))
          .filter(process -> process.info().command().orElse("").endsWith(program))
          .ifPresent(process -> end(process, limit));
    }
    delete();
  }

  void delete() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Harmless: the process it names is gone, and its start time is never met again.
      System.getLogger(PidFile.class.getName())
          .log(System.Logger.Level.DEBUG, "pid file stays: {0}", e.getMessage());
    }
  }

  /** Asks the process to end, and kills it after the limit. */
  static void end(ProcessHandle process, Duration limit) {
    boolean interrupted = false;
    process.destroy();
    try {
      process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      interrupted = true;
      process.destroyForcibly();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Expected to see the process end, but could not", e);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static String startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("unknown");
  }
}
