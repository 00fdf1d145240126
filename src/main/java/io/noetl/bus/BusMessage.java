package io.noetl.bus;

import java.time.Duration;

/**
 * A delivered message. Answering it never blocks and never fails: an answer that does not reach the
 * bus only means that the message comes again. Thread-safe.
 */
public interface BusMessage {

  /** The subject it was published to. */
  String subject();

  /** Its content; not a copy, so not to be changed. */
  byte[] body();

  /** How many times it was delivered to this durable consumer, this time included; 1 or more. */
  long deliveryCount();

  /** Its position in the stream, 1 or more; starts again at 1 when the stream was lost. */
  long streamSeq();

  /** Handled: never deliver it again; a work queue forgets it. */
  void ack();

  /**
   * Not handled: deliver again, to whoever pulls, not before {@code delay} has passed.
   *
   * @param delay zero or more
   */
  void nak(Duration delay);

  /** Can never be handled: never deliver it again. The receiver has recorded why. */
  void term();

  /** Still being handled: starts the acknowledgement wait anew. */
  void inProgress();
}
