package io.noetl.mode;

import io.noetl.bus.NatsProcess;
import io.noetl.support.Lifecycle;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The nats-server that {@code all} brings along. It is a part ahead of the bus, so that it also
 * ends after it, and when a later part cannot start.
 */
final class OwnNats implements Lifecycle {
  private final Supplier<Path> program;
  private final Path folder;
  private final List<String> facts;
  private @Nullable NatsProcess process;

  /**
   * @param program asked at the start; throws when there is none
   * @param facts gets a line that says where the server is
   */
  OwnNats(Supplier<Path> program, Path folder, List<String> facts) {
    this.program = program;
    this.folder = folder;
    this.facts = facts;
  }

  @Override
  public void start() {
    try {
      NatsProcess started = NatsProcess.start(program.get(), folder);
      process = started;
      facts.add("nats-server on port " + started.port() + ", data in " + folder);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while nats-server was starting", e);
    }
  }

  /** Where clients reach it. */
  String url() {
    NatsProcess started = process;
    if (started == null) {
      throw new IllegalStateException("nats-server has not started");
    }
    return started.url();
  }

  @Override
  public void close() {
    NatsProcess started = process;
    process = null;
    if (started != null) {
      started.close();
    }
  }
}
