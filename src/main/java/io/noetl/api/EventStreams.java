package io.noetl.api;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import io.noetl.api.EventFeed.Watch;
import io.noetl.envelope.EventType;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.query.EventPages;
import io.noetl.query.EventRow;
import io.noetl.query.ExecutionRow;
import io.noetl.query.ServedEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams of events. A stream reads the log by position, so it has neither gaps nor repeats,
 * whatever happened to the bus; the feed only says when it is worth looking.
 */
final class EventStreams {
  private static final Logger log = LoggerFactory.getLogger(EventStreams.class);

  /** Events read and written at once. */
  private static final int PAGE = 200;

  private static final byte[] RETRY = "retry: 2000\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SILENCE = ": still here\n\n".getBytes(StandardCharsets.US_ASCII);

  private final EventPages events;
  private final EventFeed feed;
  private final ApiLimits limits;
  private final HttpMetrics metrics;

  EventStreams(EventPages events, EventFeed feed, ApiLimits limits, HttpMetrics metrics) {
    this.events = events;
    this.feed = feed;
    this.limits = limits;
    this.metrics = metrics;
  }

  /** Streams what comes after the position until the execution ends or the reader leaves. */
  Reply stream(Call call, ExecutionRow row, int after) {
    if (metrics.streams().incrementAndGet() > limits.streams()) {
      metrics.streams().decrementAndGet();
      throw new Problem(
              429,
              "overloaded",
              "Expected at most " + limits.streams() + " open streams (limits.streams)")
          .retryAfter(2)
          .refusal();
    }
    try {
      ServerResponse response = call.response();
      response.header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
      response.header(HeaderNames.CACHE_CONTROL, "no-store");
      if (call.asksToClose()) {
        // The web server would keep the connection. The last chunk is written after this method
        // and before this hook; closing any sooner would cut it off.
        response.whenSent(
            () -> {
              throw new CloseConnectionException("the stream was the last on this connection");
            });
      }
      boolean all = "all".equals(call.query("include"));
      StreamReader reader =
          new StreamReader(
              response.outputStream(), Thread.currentThread(), limits, metrics::slowReader);
      run(row, after, all, reader);
    } finally {
      metrics.streams().decrementAndGet();
    }
    return Reply.SENT;
  }

  private void run(ExecutionRow row, int after, boolean all, StreamReader reader) {
    try (Watch watch = feed.watch(row.executionId(), reader)) {
      reader.write(RETRY);
      int position = after;
      while (!watch.closed()) {
        List<EventRow> rows = events.range(row.executionId(), position, Integer.MAX_VALUE, PAGE);
        if (!rows.isEmpty()) {
          position = rows.getLast().seq();
          reader.write(frames(rows, row, all));
          reader.at(position);
        }
        if (rows.size() == PAGE) {
          continue;
        }
        if (!rows.isEmpty() && EventType.terminal(rows.getLast().type())) {
          reader.write(end(statusOf(rows.getLast().type())));
          break;
        }
        if (rows.isEmpty() && row.status().terminal()) {
          // It had ended before the stream began, and the reader has seen the end already.
          reader.write(end(row.status()));
          break;
        }
        reader.live();
        while (!watch.await(position, limits.streamHeartbeat()) && !watch.closed()) {
          reader.write(SILENCE);
        }
      }
      reader.close();
    } catch (IOException e) {
      log.debug("reader of execution {} has left: {}", row.executionId(), e.getMessage());
      throw new CloseConnectionException("the reader has left", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // The reply has begun, so all that can be said is to break off; the reader resumes.
      log.warn("stream of execution {} broken off: {}", row.executionId(), e.getMessage());
      throw new CloseConnectionException("the stream is broken off", e);
    }
  }

  private static byte[] frames(List<EventRow> rows, ExecutionRow execution, boolean all) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(rows.size() * 512);
    for (EventRow row : rows) {
      if (all || ServedEvent.informative(row)) {
        String head =
            "id: " + Ids.text(row.eventId()) + "\nevent: " + line(row.type()) + "\ndata: ";
        out.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        out.writeBytes(Json.bytes(ServedEvent.of(row, execution)));
        out.writeBytes(new byte[] {'\n', '\n'});
      }
    }
    return out.toByteArray();
  }

  /** A type is free text; a line break in it must not end the field. */
  private static String line(String text) {
    return text.replaceAll("[\\r\\n]", " ");
  }

  private static byte[] end(ExecutionStatus status) {
    String data = Json.text(Map.of("status", status.name()));
    return ("event: end\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
  }

  private static ExecutionStatus statusOf(String terminalType) {
    return switch (terminalType) {
      case EventType.PLAYBOOK_COMPLETED -> ExecutionStatus.COMPLETED;
      case EventType.PLAYBOOK_FAILED -> ExecutionStatus.FAILED;
      default -> ExecutionStatus.CANCELLED;
    };
  }

  /**
   * The connection of one reader. A write to somebody who does not read blocks; the feed's thread
   * frees it once the reader is too far behind or the write has taken too long.
   */
  private static final class StreamReader implements EventFeed.Reader {
    private final OutputStream out;
    private final Thread thread;
    private final ApiLimits limits;
    private final Runnable slow;
    private boolean live;
    private int position;
    private long writingSince;
    private boolean writing;
    private boolean freed;

    StreamReader(OutputStream out, Thread thread, ApiLimits limits, Runnable slow) {
      this.out = out;
      this.thread = thread;
      this.limits = limits;
      this.slow = slow;
    }

    void write(byte[] bytes) throws IOException {
      begin();
      try {
        out.write(bytes);
        out.flush();
      } catch (RuntimeException e) {
        // The web server's own exceptions for a connection that has gone.
        throw new IOException(e.getMessage(), e);
      } finally {
        end();
      }
    }

    void close() throws IOException {
      begin();
      try {
        out.close();
      } catch (RuntimeException e) {
        throw new IOException(e.getMessage(), e);
      } finally {
        end();
      }
    }

    private synchronized void begin() {
      writing = true;
      writingSince = System.nanoTime();
    }

    private synchronized void end() throws IOException {
      writing = false;
      if (freed) {
        // The interrupt was meant for the write and for nothing after it.
        Thread.interrupted();
        throw new IOException("reader is too slow");
      }
    }

    synchronized void at(int seq) {
      position = seq;
    }

    synchronized void live() {
      live = true;
    }

    @Override
    public synchronized void look(int headSeq) {
      boolean behind = live && headSeq - position > limits.streamBehind();
      boolean stalled = System.nanoTime() - writingSince > limits.streamStall().toNanos();
      if (writing && !freed && (behind || stalled)) {
        freed = true;
        slow.run();
        // An interrupt closes the socket that the thread is blocked on.
        thread.interrupt();
      }
    }
  }
}
