package io.noetl.testing;

import io.noetl.bus.NatsProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A real server for one test class, with the ways in which servers fail. Not thread-safe. */
public final class NatsServer implements AutoCloseable {

  private final Path binary;
  private final Path directory;
  private NatsProcess process;

  private NatsServer(Path binary, Path directory, NatsProcess process) {
    this.binary = binary;
    this.directory = directory;
    this.process = process;
  }

  static NatsServer start(Path binary) throws InterruptedException {
    try {
      Path directory = Files.createTempDirectory("nats-test");
      return new NatsServer(binary, directory, NatsProcess.start(binary, directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where clients connect; the same after every restart. */
  public String url() {
    return process.url();
  }

  /** SIGKILL, and waits until it is gone. */
  public void kill() {
    process.handle().destroyForcibly();
    process.handle().onExit().join();
  }

  /** Starts again after {@link #kill} or {@link #stop}: same port, same store. */
  public void restart() throws InterruptedException {
    process = NatsProcess.start(binary, directory, process.port());
  }

  /** Ends it in an orderly way. */
  public void stop() {
    process.close();
  }

  /** Removes everything it has stored; only while it does not run. */
  public void wipe() {
    delete(directory.resolve("store"));
  }

  /** Streams lose their messages and their numbers, consumers keep theirs; while it is down. */
  public void forgetMessages() {
    try (Stream<Path> all = Files.walk(directory.resolve("store"))) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        if (path.getParent().endsWith("msgs")) {
          Files.delete(path);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGSTOP: connected, and never answering. */
  public void pause() {
    signal("-STOP");
  }

  /** SIGCONT. */
  public void resume() {
    signal("-CONT");
  }

  @Override
  public void close() {
    if (process.handle().isAlive()) {
      resume();
    }
    process.close();
    delete(directory);
  }

  private void signal(String signal) {
    try {
      Process kill =
          new ProcessBuilder(List.of("kill", signal, Long.toString(process.handle().pid())))
              .inheritIO()
              .start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("kill " + signal + " ended with " + kill.exitValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(Path root) {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
