package io.noetl.bus;

import java.time.Duration;
import java.util.List;

/** One puller of a durable consumer of the embedded bus. */
final class EmbeddedPuller implements BusConsumer {

  private final EmbeddedDurable durable;
  private volatile boolean closed;

  EmbeddedPuller(EmbeddedDurable durable) {
    this.durable = durable;
  }

  @Override
  public List<BusMessage> pull(int max, Duration maxWait) throws InterruptedException {
    Pulls.require(max, maxWait);
    if (closed) {
      throw Pulls.closed(durable.spec());
    }
    return durable.pull(max, maxWait, () -> closed);
  }

  @Override
  public void close() {
    closed = true;
    durable.wakeAll();
  }

  boolean isClosed() {
    return closed;
  }
}
