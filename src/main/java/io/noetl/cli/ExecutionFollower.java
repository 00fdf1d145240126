package io.noetl.cli;

import io.noetl.json.Json;
import io.noetl.support.Backoff;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands on an execution's events, each once and in order, until its end. A stream that breaks is
 * opened again after the last event that was seen.
 */
final class ExecutionFollower {
  /** How long the server may be out of reach before following gives up. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Silence after which a stream counts as broken; a server speaks every 15 seconds. */
  static final Duration LONGEST_SILENCE = Duration.ofSeconds(45);

  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);

  private final ApiClient api;
  private final Duration patience;
  private final Duration longestSilence;

  private @Nullable String lastId;
  private long lastSeq;
  private long lastHeardNanos;

  ExecutionFollower(ApiClient api) {
    this(api, PATIENCE, LONGEST_SILENCE);
  }

  ExecutionFollower(ApiClient api, Duration patience, Duration longestSilence) {
    this.api = api;
    this.patience = patience;
    this.longestSilence = longestSilence;
  }

  /**
   * Returns at the end of the execution.
   *
   * @param event gets each event
   * @param trouble told when the connection breaks
   * @return the status with which it ended
   * @throws UnreachableException when the server stays out of reach
   */
  String follow(
      String executionId, Consumer<Map<String, @Nullable Object>> event, Consumer<String> trouble) {
    Backoff backoff = new Backoff(FIRST_RETRY, LONGEST_RETRY, ThreadLocalRandom.current());
    lastHeardNanos = System.nanoTime();
    while (true) {
      long seqBefore = lastSeq;
      try {
        String ended = readStream(executionId, event);
        if (ended != null) {
          return ended;
        }
        // A server that stops closes its streams; nothing is wrong yet.
      } catch (IOException e) {
        giveUpOrGoOn(api.unreachable(e), trouble);
      } catch (UnreachableException e) {
        giveUpOrGoOn(e, trouble);
      } catch (ApiException e) {
        if (e.status() < 500) {
          throw e;
        }
        giveUpOrGoOn(new UnreachableException(String.valueOf(e.getMessage()), e), trouble);
      }
      if (lastSeq > seqBefore) {
        backoff.reset();
      }
      pause(backoff.next());
    }
  }

  private void giveUpOrGoOn(UnreachableException reason, Consumer<String> trouble) {
    if (System.nanoTime() - lastHeardNanos > patience.toNanos()) {
      throw reason;
    }
    trouble.accept(String.valueOf(reason.getMessage()));
  }

  /** Reads one connection. Returns the final status, or null when the stream ended before it. */
  private @Nullable String readStream(
      String executionId, Consumer<Map<String, @Nullable Object>> event) throws IOException {
    AtomicLong heard = new AtomicLong(lastHeardNanos);
    try (InputStream stream = api.events(executionId, lastId);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      heard.set(System.nanoTime());
      Thread watchdog = watch(stream, heard);
      try {
        return readEvents(new ServerSentEvents(lines, () -> heard.set(System.nanoTime())), event);
      } finally {
        watchdog.interrupt();
      }
    } finally {
      lastHeardNanos = heard.get();
    }
  }

  private @Nullable String readEvents(
      ServerSentEvents events, Consumer<Map<String, @Nullable Object>> event) throws IOException {
    for (ServerSentEvents.Event next = events.next(); next != null; next = events.next()) {
      if (next.type().equals("end")) {
        return String.valueOf(Json.parseObject(next.data()).get("status"));
      }
      deliver(next, event);
    }
    return null;
  }

  private void deliver(ServerSentEvents.Event next, Consumer<Map<String, @Nullable Object>> event) {
    Map<String, @Nullable Object> data = Json.parseObject(next.data());
    // A server that resumes from an earlier place repeats; nobody should see that.
    if (data.get("seq") instanceof Number seq) {
      if (seq.longValue() <= lastSeq) {
        return;
      }
      lastSeq = seq.longValue();
    }
    if (next.id() != null) {
      lastId = next.id();
    }
    event.accept(data);
  }

  private static void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnreachableException("interrupted while following", e);
    }
  }

  /** Closes a stream that has gone silent: a read of it knows no time limit of its own. */
  private Thread watch(InputStream stream, AtomicLong heardNanos) {
    return Thread.ofVirtual()
        .name("stream-watchdog")
        .start(
            () -> {
              try {
                long left = longestSilence.toNanos();
                while (left > 0) {
                  Thread.sleep(Duration.ofNanos(left));
                  left = longestSilence.toNanos() - (System.nanoTime() - heardNanos.get());
                }
                stream.close();
              } catch (InterruptedException | IOException e) {
                // The reader is done with the stream.
                Thread.currentThread().interrupt();
              }
            });
  }
}
