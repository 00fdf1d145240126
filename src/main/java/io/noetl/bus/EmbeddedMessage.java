package io.noetl.bus;

import io.noetl.bus.EmbeddedDurable.Delivery;
import java.time.Duration;

/** One delivery by the embedded bus. */
record EmbeddedMessage(EmbeddedDurable durable, Delivery delivery, long deliveryCount)
    implements BusMessage {

  @Override
  public String subject() {
    return delivery.stored.subject;
  }

  @Override
  public byte[] body() {
    return delivery.stored.body;
  }

  @Override
  public long streamSeq() {
    return delivery.stored.seq;
  }

  @Override
  public void ack() {
    durable.finish(delivery);
  }

  @Override
  public void nak(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("Expected a delay of 0 or more, but it is " + delay);
    }
    durable.setBack(delivery, delay);
  }

  @Override
  public void term() {
    durable.finish(delivery);
  }

  @Override
  public void inProgress() {
    durable.extend(delivery);
  }

  @Override
  public String toString() {
    return subject() + "#" + streamSeq() + " (delivery " + deliveryCount + ")";
  }
}
