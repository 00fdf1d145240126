package io.noetl.bus;

import java.time.Duration;
import java.util.List;

/**
 * One puller of a durable consumer. {@link #pull} is meant for one thread; {@link #close} may come
 * from any other.
 */
public interface BusConsumer extends AutoCloseable {

  /** The most messages one pull may ask for. */
  int MAX_PULL = 10_000;

  /**
   * Returns as soon as at least one message is there, with all that are there at that moment, at
   * most {@code max}, in stream order as far as nothing is redelivered. An empty list means that
   * nothing came within {@code maxWait} or that the consumer was closed meanwhile. No more than
   * {@code max} messages are ever held back for this puller, so ask for what can be handled now.
   *
   * <p>Rides out a restart of the server, a lost stream and a lost consumer: all are created again.
   *
   * @param max 1 to {@link #MAX_PULL}
   * @param maxWait zero or more; zero asks once and takes what is there
   * @throws BusUnavailable if the bus could not be asked within {@code maxWait}
   * @throws BusMisconfigured if the server refuses the consumer; repeating helps only after
   *     somebody changed the settings
   * @throws IllegalStateException if called after {@link #close}
   * @throws InterruptedException if interrupted; messages on their way come with the next pull
   */
  List<BusMessage> pull(int max, Duration maxWait) throws InterruptedException;

  /**
   * Ends a waiting pull. The durable consumer and its position stay. Unacknowledged messages are
   * delivered again after their acknowledgement wait. Closing twice does nothing.
   */
  @Override
  void close();
}
