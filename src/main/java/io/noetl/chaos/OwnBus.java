package io.noetl.chaos;

import io.noetl.bus.NatsProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The site's nats-server, and what can happen to it and its store. For one thread. */
final class OwnBus implements AutoCloseable {
  private final Path program;
  private final Path folder;
  private final @Nullable Volume volume;
  private NatsProcess process;

  /**
   * @param volume the file system of the folder when it has one of its own
   */
  OwnBus(Path program, Path folder, @Nullable Volume volume) throws InterruptedException {
    this.program = program;
    this.folder = folder;
    this.volume = volume;
    this.process = NatsProcess.start(program, folder);
  }

  int port() {
    return process.port();
  }

  void kill() {
    process.handle().destroyForcibly();
    process.handle().onExit().join();
  }

  void start() throws InterruptedException {
    if (!process.handle().isAlive()) {
      process = NatsProcess.start(program, folder, process.port());
    }
  }

  /**
   * Starts it after {@link #kill} with room for next to nothing.
   *
   * @param bytes that all streams together may store
   */
  void startFull(long bytes) throws InterruptedException {
    process = NatsProcess.start(program, folder, process.port(), bytes);
  }

  void pause() {
    Signals.send(process.handle(), "STOP");
  }

  void resume() {
    if (process.handle().isAlive()) {
      Signals.send(process.handle(), "CONT");
    }
  }

  /** Its file system, or null when it shares one. */
  @Nullable Volume volume() {
    return volume;
  }

  ProcessHandle handle() {
    return process.handle();
  }

  /** Bytes that it has stored. */
  long storedBytes() {
    try (Stream<Path> all = Files.walk(store())) {
      return all.mapToLong(OwnBus::size).sum();
    } catch (IOException | UncheckedIOException e) {
      // Files come and go while it runs.
      return 0;
    }
  }

  private static long size(Path path) {
    return path.toFile().isFile() ? path.toFile().length() : 0;
  }

  /** Removes everything stored; only while it does not run. */
  void wipe() {
    delete(store());
  }

  /** Keeps a copy of the store; only while it does not run. */
  void keepCopy() {
    delete(copy());
    copy(store(), copy());
  }

  boolean hasCopy() {
    return Files.exists(copy());
  }

  /** Puts the copy in the place of the store; only while it does not run. */
  void restoreCopy() {
    wipe();
    copy(copy(), store());
  }

  private Path store() {
    return folder.resolve("store");
  }

  private Path copy() {
    return folder.resolve("older-store");
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path root) {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> all = Files.walk(root)) {
      List<Path> paths = all.sorted(Comparator.reverseOrder()).toList();
      for (Path path : paths) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    resume();
    process.close();
  }
}
