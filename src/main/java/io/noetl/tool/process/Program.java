package io.noetl.tool.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of one program: its output is copied while it runs, and nothing that it started is left
 * when the run has ended, however it ended.
 */
public final class Program {
  /** How long output of processes that outlive the run is waited for. */
  private static final Duration LAST_OUTPUT = Duration.ofSeconds(2);

  private final Process process;
  private final @Nullable Thread input;
  private final Thread stdout;
  private final Thread stderr;

  /** Writes what the program reads. */
  @FunctionalInterface
  public interface Input {
    /** Writes all of it; a program that has ended breaks the stream, which is no fault. */
    void writeTo(OutputStream stream) throws IOException;
  }

  /**
   * How the program ended.
   *
   * @param exitCode 128 plus the signal when one ended it
   * @param timedOut whether it was killed because its time was over
   */
  public record End(int exitCode, boolean timedOut) {}

  private Program(
      Process process, @Nullable Input input, CallOutput stdout, CallOutput stderr, String name) {
    this.process = process;
    // Platform threads: pipes of processes would hold the carrier of a virtual thread.
    this.input = input == null ? null : daemon(name + "-input", () -> write(process, input));
    this.stdout = daemon(name + "-stdout", () -> copy(process.getInputStream(), stdout));
    this.stderr = daemon(name + "-stderr", () -> copy(process.getErrorStream(), stderr));
  }

  /**
   * Starts the program.
   *
   * @param input null = the builder says where it reads from
   * @param name of the threads that copy
   * @throws IOException when it cannot be started
   */
  public static Program start(
      ProcessBuilder builder,
      @Nullable Input input,
      CallOutput stdout,
      CallOutput stderr,
      String name)
      throws IOException {
    return new Program(builder.start(), input, stdout, stderr, name);
  }

  /**
   * Waits for the end. A program whose time is over is killed with its group, and so is one whose
   * waiting thread is interrupted.
   *
   * @param limit null = none
   */
  public End await(@Nullable Duration limit) throws InterruptedException {
    boolean inTime = true;
    try {
      if (limit == null) {
        process.waitFor();
      } else {
        inTime = process.waitFor(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS);
      }
    } finally {
      // After an ordinary end, too: what it left in the background belongs to this run.
      kill();
    }
    process.waitFor();
    List<Thread> copying = new ArrayList<>(List.of(stdout, stderr));
    if (input != null) {
      copying.add(input);
    }
    for (Thread thread : copying) {
      thread.join(LAST_OUTPUT);
    }
    return new End(process.exitValue(), !inTime);
  }

  /** Kills the program and its group; one that has ended is fine. */
  public void kill() {
    // First: the children of a process that has ended cannot be told from others.
    List<ProcessHandle> below =
        process.isAlive() ? process.descendants().toList() : List.<ProcessHandle>of();
    ProcessGroups.kill(process.pid());
    below.forEach(ProcessHandle::destroyForcibly);
    // Not through the process: that would close its streams with output still in them.
    process.toHandle().destroyForcibly();
  }

  private static Thread daemon(String name, Runnable work) {
    return Thread.ofPlatform().daemon().name(name).start(work);
  }

  private static void write(Process process, Input input) {
    try (OutputStream stream = process.getOutputStream()) {
      input.writeTo(stream);
    } catch (IOException e) {
      // The process ended before it read its input; its exit code tells the story.
    }
  }

  private static void copy(InputStream stream, CallOutput output) {
    byte[] buffer = new byte[16 * 1024];
    try (stream) {
      int count;
      while ((count = stream.read(buffer)) >= 0) {
        output.add(buffer, 0, count);
      }
    } catch (IOException e) {
      // The stream was closed with the process.
    }
  }
}
