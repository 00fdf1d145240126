package io.noetl.bus;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What was published over one connection and is not acknowledged yet. The client library's own
 * asynchronous publishing leaves a future without an end when the connection breaks; here every
 * future ends: with the acknowledgement, at its timeout, or with the connection.
 */
final class NatsPublishes {

  private record Pending(
      String subject, String messageId, CompletableFuture<PubAck> future, long deadlineNanos) {}

  private static final String MESSAGE_ID_HEADER = "Nats-Msg-Id";

  private final Connection connection;
  private final long timeoutNanos;
  private final Runnable onStreamMissing;
  private final String inbox;
  private final Semaphore window;
  private final AtomicLong lastToken = new AtomicLong();
  private final Map<String, Pending> pending = new ConcurrentHashMap<>();
  private volatile boolean ended;

  NatsPublishes(Connection connection, NatsConfig config, Runnable onStreamMissing) {
    this.connection = connection;
    this.timeoutNanos = config.requestTimeout().toNanos();
    this.onStreamMissing = onStreamMissing;
    this.window = new Semaphore(config.limits().publishWindow());
    this.inbox = connection.createInbox() + ".";
    Dispatcher acks = connection.createDispatcher(this::acknowledged);
    acks.subscribe(inbox + "*");
  }

  CompletableFuture<PubAck> publish(String subject, String messageId, byte[] body)
      throws InterruptedException {
    window.acquire();
    String token = Long.toString(lastToken.incrementAndGet(), Character.MAX_RADIX);
    CompletableFuture<PubAck> future = new CompletableFuture<>();
    pending.put(token, new Pending(subject, messageId, future, System.nanoTime() + timeoutNanos));
    try {
      connection.publish(
          subject, inbox + token, new Headers().put(MESSAGE_ID_HEADER, messageId), body);
    } catch (IllegalStateException e) {
      fail(token, "the connection is closed: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      // Subject and id were checked: what is left is the server's payload limit.
      Pending refused = take(token);
      if (refused != null) {
        refused.future.completeExceptionally(
            MessageIds.tooLarge(
                subject, messageId, body.length, connection.getServerInfo().getMaxPayload()));
      }
    }
    if (ended) {
      fail(token, "the connection is closed");
    }
    return future;
  }

  /** Fails what has waited too long. */
  void expire(long nowNanos) {
    pending.forEach(
        (token, waiting) -> {
          if (nowNanos - waiting.deadlineNanos > 0) {
            fail(token, "none came within requestTimeout");
          }
        });
  }

  /** Fails everything: the connection is gone. */
  void end(String reason) {
    ended = true;
    pending.keySet().forEach(token -> fail(token, reason));
  }

  int inFlight() {
    return pending.size();
  }

  private void acknowledged(Message answer) {
    Pending waiting = take(answer.getSubject().substring(inbox.length()));
    if (waiting == null) {
      return;
    }
    if (answer.isStatusMessage()) {
      onStreamMissing.run();
      waiting.future.completeExceptionally(
          unacknowledged(waiting, "no stream takes the subject: " + answer.getStatus()));
      return;
    }
    try {
      PublishAck ack = new PublishAck(answer);
      waiting.future.complete(
          new PubAck(Subjects.streamOf(waiting.subject), ack.getSeqno(), ack.isDuplicate()));
    } catch (JetStreamApiException e) {
      waiting.future.completeExceptionally(NatsErrors.ofPublish(waiting.subject, e));
    } catch (IOException e) {
      waiting.future.completeExceptionally(
          unacknowledged(waiting, "the answer is malformed: " + e.getMessage()));
    }
  }

  private void fail(String token, String reason) {
    Pending waiting = take(token);
    if (waiting != null) {
      waiting.future.completeExceptionally(unacknowledged(waiting, reason));
    }
  }

  /** Whoever takes a token out gives its place in the window back and ends its future. */
  private @Nullable Pending take(String token) {
    Pending taken = pending.remove(token);
    if (taken != null) {
      window.release();
    }
    return taken;
  }

  private static BusUnavailable unacknowledged(Pending waiting, String reason) {
    return new BusUnavailable(
        "Expected an acknowledgement, but %s (subject=%s, id=%s)"
            .formatted(reason, waiting.subject, waiting.messageId));
  }
}
