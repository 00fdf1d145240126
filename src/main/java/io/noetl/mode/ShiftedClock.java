package io.noetl.mode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clock of a process whose computer has the wrong time, for {@code noetl chaos}: a file holds
 * by how many milliseconds it is off, and may change while the process runs. As when a real clock
 * steps, what only goes forward ({@code System.nanoTime}) knows nothing of it. What reads the clock
 * past {@link Node#clock} does not see the step: libraries, logs, tools and child processes.
 *
 * <p>Safe for use by many threads.
 */
final class ShiftedClock implements InstantSource {
  /** System property with the file; not a setting, for nobody wants it but a test. */
  static final String PROPERTY = "noetl.clock-offset-file";

  /** How old a look at the file may be. */
  private static final Duration LOOK = Duration.ofMillis(20);

  private final Path file;
  private final InstantSource base;
  private final LongSupplier nanoClock;
  private volatile Seen seen;

  private record Seen(Duration offset, long nanos) {}

  ShiftedClock(Path file, InstantSource base, LongSupplier nanoClock) {
    this.file = file;
    this.base = base;
    this.nanoClock = nanoClock;
    this.seen = new Seen(offset(Duration.ZERO), nanoClock.getAsLong());
  }

  /** The clock of the system, unless the property names a file. */
  static InstantSource ofProcess() {
    @Nullable String file = System.getProperty(PROPERTY);
    return file == null
        ? InstantSource.system()
        : new ShiftedClock(Path.of(file), InstantSource.system(), System::nanoTime);
  }

  @Override
  public Instant instant() {
    Seen last = seen;
    long now = nanoClock.getAsLong();
    if (now - last.nanos() > LOOK.toNanos()) {
      last = new Seen(offset(last.offset()), now);
      seen = last;
    }
    return base.instant().plus(last.offset());
  }

  /** No file, or one that is just being written, changes nothing. */
  private Duration offset(Duration before) {
    try {
      String text = Files.exists(file) ? Files.readString(file).strip() : "";
      return text.isEmpty() ? before : Duration.ofMillis(Long.parseLong(text));
    } catch (IOException | NumberFormatException e) {
      return before;
    }
  }
}
