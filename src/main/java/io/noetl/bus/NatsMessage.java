package io.noetl.bus;

import io.nats.client.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

/** One delivery by NATS. */
final class NatsMessage implements BusMessage {

  private static final byte[] ACK = bytes("+ACK");
  private static final byte[] TERM = bytes("+TERM");
  private static final byte[] IN_PROGRESS = bytes("+WPI");
  private static final String NAK = "-NAK";

  private final NatsLine line;
  private final Message message;
  private final String reply;

  NatsMessage(NatsLine line, Message message) {
    this.line = line;
    this.message = message;
    this.reply = Objects.requireNonNull(message.getReplyTo(), "reply");
  }

  @Override
  public String subject() {
    return message.getSubject();
  }

  @Override
  public byte[] body() {
    return message.getData();
  }

  @Override
  public long deliveryCount() {
    return message.metaData().deliveredCount();
  }

  @Override
  public long streamSeq() {
    return message.metaData().streamSequence();
  }

  @Override
  public void ack() {
    line.answer(reply, ACK);
  }

  @Override
  public void nak(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("Expected a delay of 0 or more, but it is " + delay);
    }
    line.answer(
        reply, delay.isZero() ? bytes(NAK) : bytes(NAK + " {\"delay\":" + delay.toNanos() + "}"));
  }

  @Override
  public void term() {
    line.answer(reply, TERM);
  }

  @Override
  public void inProgress() {
    line.answer(reply, IN_PROGRESS);
  }

  @Override
  public String toString() {
    return subject() + "#" + streamSeq() + " (delivery " + deliveryCount() + ")";
  }

  private static byte[] bytes(String word) {
    return word.getBytes(StandardCharsets.US_ASCII);
  }
}
