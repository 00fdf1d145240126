package io.noetl.bus;

import java.util.concurrent.CompletableFuture;

/**
 * The message bus: fast, at least once, and allowed to lose everything it holds.
 *
 * <p>Thread-safe. Every blocking method can be interrupted and says how long it may wait.
 */
public interface Bus extends AutoCloseable {

  /**
   * Creates or adjusts the streams {@link BusStream#EVENTS} and {@link BusStream#COMMANDS}, reads
   * their settings back and compares. May be called at any time, by any number of processes.
   *
   * @throws BusUnavailable if the bus could not be reached within its connect and request timeouts
   * @throws BusMisconfigured if the server is too old, refuses a setting or dropped one in silence
   * @throws InterruptedException if interrupted while waiting for the connection
   */
  void ensureStreams() throws InterruptedException;

  /**
   * Sends one message. Messages sent by one thread are stored in the order of the calls.
   *
   * <p>Blocks only while {@link BusLimits#publishWindow()} messages are on their way. The future
   * completes when the stream has acknowledged; a message whose id the stream has seen within the
   * duplicate window is acknowledged too, with {@link PubAck#duplicate()}. It fails with {@link
   * BusUnavailable} (send again with the same id), {@link BusFull} (send again later) or {@link
   * BusRefused} (never send again). Actions attached to the future run on a thread of the bus and
   * must not block.
   *
   * @param subject made by {@link Subjects}
   * @param messageId what duplicates are recognised by; 1 to 200 printable ASCII characters without
   *     spaces
   * @param body at most {@link BusLimits#maxMessageBytes()} bytes; not copied, so not to be changed
   *     afterwards
   * @throws IllegalArgumentException if subject or message id are malformed
   * @throws InterruptedException if interrupted while the window is full; nothing was sent
   */
  CompletableFuture<PubAck> publish(String subject, String messageId, byte[] body)
      throws InterruptedException;

  /**
   * A durable pull consumer: explicit acknowledgement, delivery from the oldest message on. Several
   * consumers with one durable name, in one process or in many, share its messages. Created on the
   * server on its first pull, and again whenever the server has lost it.
   *
   * @throws BusMisconfigured if the filter overlaps another consumer's on the work queue (some
   *     implementations notice only on the first pull)
   */
  BusConsumer consumer(ConsumerSpec spec);

  /** Whether the bus can be reached, since when, and what went wrong last. Never blocks. */
  BusHealth health();

  /**
   * Closes every consumer and the connection. What was published and not acknowledged fails with
   * {@link BusUnavailable}. Closing twice does nothing.
   */
  @Override
  void close();
}
