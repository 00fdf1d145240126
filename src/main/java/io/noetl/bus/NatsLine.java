package io.noetl.bus;

import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.support.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One subscription through which one puller asks a durable consumer for messages.
 *
 * <p>There is at most one open request at the server. It is of the kind that waits for a first
 * message, takes what is there then, and ends: so a message arrives in one hop when somebody waits
 * for it, a backlog arrives in batches, and nothing is held back for a puller that is busy. What
 * the library offers instead keeps asking in the background and would hoard messages of a work
 * queue. A pull does not wait for the server's word that the request has ended; the next one reads
 * it, which saves a fifth of the latency.
 *
 * <p>Not thread-safe but for {@link #close} and {@link #answer}.
 */
final class NatsLine {

  /** A request that got lost without a sign costs this much. */
  private static final Duration LONGEST_REQUEST = Duration.ofSeconds(5);

  /** How long past its end the server's word about a request may take. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  /** The library takes zero for "for ever". */
  private static final long SHORTEST_WAIT = 1_000;

  /** Refusals that say nothing against the consumer's life. */
  private static final Set<String> PASSING =
      Set.of(Status.EXCEEDED_MAX_WAITING, Status.LEADERSHIP_CHANGE, Status.SERVER_SHUTDOWN);

  private static final int HEARTBEAT = 100;
  private static final int NO_MESSAGES = 404;
  private static final int REQUEST_ENDED = 408;

  private final NatsSession session;
  private final NatsState state;
  private final int maxPullBytes;
  private final String nextSubject;
  private final String inbox;
  private final Subscription subscription;

  private long requests;
  private String openReply = "";
  private int openBatch;
  private boolean openServed;
  private long openUntil;
  private boolean waitPlainly;
  private @Nullable BusUnavailable trouble;
  private boolean suspect;
  private volatile boolean abandoned;

  NatsLine(NatsSession session, NatsState state, ConsumerSpec spec, int maxPullBytes) {
    this.session = session;
    this.state = state;
    this.maxPullBytes = maxPullBytes;
    this.nextSubject =
        "$JS.API.CONSUMER.MSG.NEXT." + spec.stream().wireName() + "." + spec.durable();
    this.inbox = session.connection().createInbox() + ".";
    try {
      this.subscription = session.connection().subscribe(inbox + "*");
    } catch (IllegalStateException e) {
      throw new BusUnavailable("Expected an open connection, but " + e.getMessage(), e);
    }
  }

  /** What came by the deadline; look at {@link #trouble} when it is empty. */
  List<BusMessage> pull(int max, long deadline) throws InterruptedException {
    trouble = null;
    List<BusMessage> got = new ArrayList<>();
    try {
      boolean asked = false;
      do {
        if (openBatch == 0) {
          ask(max, deadline);
          asked = true;
        }
        receive(got, max, deadline);
        // Once more when all that came was the end of an earlier request.
      } while (!asked && got.isEmpty() && openBatch == 0 && trouble == null);
    } catch (IllegalStateException e) {
      // The library's word for: the connection or the subscription is closed.
      suspect = true;
      trouble = new BusUnavailable("Expected an open connection, but " + e.getMessage(), e);
    } catch (InterruptedException e) {
      if (got.isEmpty()) {
        throw e;
      }
      Thread.currentThread().interrupt();
    }
    return got;
  }

  /** What the last pull met, or null. */
  @Nullable BusUnavailable trouble() {
    return trouble;
  }

  /** Whether the line belongs to this session and nothing speaks against the consumer's life. */
  boolean isGood(NatsSession now) {
    return session == now && !suspect;
  }

  /** Another line takes its place. Messages already delivered cannot be answered for now. */
  void abandon() {
    abandoned = true;
    close();
  }

  /** The consumer turned out to be the same: answers mean what they meant. */
  void allowAnswers() {
    abandoned = false;
  }

  /** Ends a waiting pull. Messages already delivered can still be answered. */
  void close() {
    try {
      if (session.isConnected() && subscription.isActive()) {
        subscription.unsubscribe();
      }
    } catch (IllegalStateException e) {
      state.error("subscription closed by the connection: " + e.getMessage());
    }
  }

  private void ask(int max, long deadline) {
    long now = System.nanoTime();
    long wait = Math.min(Math.max(0, deadline - now), LONGEST_REQUEST.toNanos());
    int batch = waitPlainly ? 1 : max;
    StringBuilder request =
        new StringBuilder(96)
            .append("{\"batch\":")
            .append(batch)
            .append(",\"max_bytes\":")
            .append(maxPullBytes);
    if (!waitPlainly || wait == 0) {
      request.append(",\"no_wait\":true");
    }
    if (wait > 0) {
      request.append(",\"expires\":").append(wait);
    }
    request.append('}');
    String reply = inbox + ++requests;
    session
        .connection()
        .publish(nextSubject, reply, request.toString().getBytes(StandardCharsets.US_ASCII));
    openReply = reply;
    openBatch = batch;
    openServed = false;
    openUntil = now + wait;
    waitPlainly = false;
  }

  private void receive(List<BusMessage> got, int max, long deadline) throws InterruptedException {
    while (got.size() < max && openBatch > 0) {
      boolean toItsEnd = openUntil <= deadline;
      long until = toItsEnd ? openUntil + GRACE.toNanos() : deadline;
      long wait = got.isEmpty() ? until - System.nanoTime() : SHORTEST_WAIT;
      Message message = subscription.nextMessage(Duration.ofNanos(Math.max(wait, SHORTEST_WAIT)));
      if (message == null) {
        if (got.isEmpty() && toItsEnd) {
          openBatch = 0;
          doubt("no answer to a pull came in time");
        }
        return;
      }
      if (message.isStatusMessage()) {
        heed(message);
      } else {
        openBatch--;
        openServed = true;
        got.add(new NatsMessage(this, message));
      }
    }
  }

  private void heed(Message message) {
    Status status = message.getStatus();
    if (status.getCode() == HEARTBEAT || !message.getSubject().equals(openReply)) {
      return;
    }
    openBatch = 0;
    if (status.getCode() == NO_MESSAGES || status.getCode() == REQUEST_ENDED) {
      // Ended without a message although it might wait: other requests are ahead, or too many
      // deliveries are unanswered. The same question would get the same answer, so stand in line.
      waitPlainly = !openServed && openUntil - System.nanoTime() > 0;
    } else if (Status.MESSAGE_SIZE_EXCEEDS_MAX_BYTES.equals(status.getMessage()) && openServed) {
      // The next message would not fit into this batch; it begins the next one.
      waitPlainly = false;
    } else if (PASSING.contains(status.getMessage())) {
      trouble = new BusUnavailable("Expected messages, but the server said: " + status);
    } else {
      doubt("the server said: " + status.getMessageWithCode());
    }
  }

  private void doubt(String reason) {
    suspect = true;
    trouble =
        new BusUnavailable("Expected a consumer at %s, but %s".formatted(nextSubject, reason));
  }

  /** Answers a message; without effect once the consumer or the connection is another one. */
  void answer(String reply, byte[] word) {
    if (abandoned) {
      state.error("answer dropped: the consumer was made anew meanwhile");
      return;
    }
    try {
      session.connection().publish(reply, word);
    } catch (IllegalStateException e) {
      state.error("answer dropped: " + e.getMessage());
    }
  }
}
