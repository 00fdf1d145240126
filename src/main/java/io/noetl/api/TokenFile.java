package io.noetl.api;

import io.noetl.support.Lifecycle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of a file, read again in the background when it changes. A new file that cannot be
 * read leaves the old tokens in force, and is told in the log, a meter and the readiness: a slip of
 * the pen locks nobody out. Safe for many threads; {@link #tokens} never waits.
 */
public final class TokenFile implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(TokenFile.class);

  /** Largest file, in bytes. */
  private static final int LARGEST = 8 * 1024 * 1024;

  private final Path file;
  private final Duration every;
  private final Consumer<@Nullable String> trouble;
  private final TokenMetrics metrics;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Tokens tokens;
  private byte[] seen;
  private volatile @Nullable String problem;
  private volatile @Nullable Thread thread;

  /**
   * Reads the file.
   *
   * @param every the time between two looks at it
   * @param trouble told why the file that is there is not in force; null when it is again
   * @throws IllegalArgumentException when the file cannot be read: there is nothing to go on with
   */
  public TokenFile(
      Path file, Duration every, TokenMetrics metrics, Consumer<@Nullable String> trouble) {
    this.file = file;
    this.every = every;
    this.trouble = trouble;
    this.metrics = metrics;
    try {
      this.seen = bytes();
      this.tokens = Tokens.read(seen);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Expected tokens in " + file + " (auth.tokens-file), but it cannot be read: " + e, e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Expected tokens in " + file + " (auth.tokens-file): " + e.getMessage(), e);
    }
    metrics.read(tokens.bySha256().size());
  }

  /** The tokens in force. */
  public Tokens tokens() {
    return tokens;
  }

  @Override
  public void start() {
    thread = Thread.ofVirtual().name("tokens file").start(this::run);
  }

  @Override
  public void close() {
    closing.countDown();
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  private void run() {
    try {
      while (!closing.await(every.toMillis(), TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads the file; one thread at a time. */
  synchronized void look() {
    try {
      byte[] now = bytes();
      if (Arrays.equals(now, seen) && problem == null) {
        return;
      }
      Tokens read = Tokens.read(now);
      seen = now;
      tokens = read;
      metrics.read(read.bySha256().size());
      if (problem != null) {
        problem = null;
        trouble.accept(null);
      }
      log.info("{} tokens of {} are in force", read.bySha256().size(), file);
    } catch (IOException | IllegalArgumentException e) {
      metrics.failed();
      String why = e instanceof IOException ? String.valueOf(e) : String.valueOf(e.getMessage());
      if (!why.equals(problem)) {
        log.error("the tokens read before stay in force: {} (auth.tokens-file): {}", file, why);
      }
      problem = why;
      trouble.accept("the tokens read before stay in force: " + why);
    }
  }

  private byte[] bytes() throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw new IllegalArgumentException("Expected at most " + LARGEST + " bytes");
      }
      return bytes;
    }
  }
}
