package io.noetl.bus;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A bus in this process's memory, with the semantics of the real one and nothing to install. It
 * forgets everything when the process ends, which is what a bus may do.
 *
 * <p>No threads: a puller that waits wakes itself when a redelivery is due. Publishing completes
 * before it returns, so its window never fills.
 */
public final class EmbeddedBus implements Bus {

  private final BusLimits limits;
  private final Map<BusStream, EmbeddedStream> streams = new EnumMap<>(BusStream.class);
  private final List<EmbeddedPuller> pullers = new ArrayList<>();
  private final InstantSource clock;
  private volatile BusHealth health;

  /** An empty bus, ready at once. */
  public EmbeddedBus(BusLimits limits, InstantSource clock) {
    this.limits = limits;
    this.clock = clock;
    for (BusStream stream : BusStream.values()) {
      streams.put(
          stream,
          new EmbeddedStream(
              stream, limits.of(stream), limits.duplicateWindow(), System::nanoTime));
    }
    health = new BusHealth(true, clock.instant(), null, 1, 0);
  }

  @Override
  public void ensureStreams() {
    requireOpen();
  }

  @Override
  public CompletableFuture<PubAck> publish(String subject, String messageId, byte[] body) {
    BusStream stream = Subjects.streamOf(subject);
    MessageIds.require(messageId);
    if (!health.connected()) {
      return CompletableFuture.failedFuture(closed());
    }
    if (body.length > limits.maxMessageBytes()) {
      return CompletableFuture.failedFuture(
          MessageIds.tooLarge(subject, messageId, body.length, limits.maxMessageBytes()));
    }
    try {
      return CompletableFuture.completedFuture(stream(stream).append(subject, messageId, body));
    } catch (BusFull e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public BusConsumer consumer(ConsumerSpec spec) {
    requireOpen();
    EmbeddedPuller puller =
        new EmbeddedPuller(stream(spec.stream()).attach(spec, limits.maxPullBytes()));
    synchronized (pullers) {
      pullers.removeIf(EmbeddedPuller::isClosed);
      pullers.add(puller);
    }
    return puller;
  }

  @Override
  public BusHealth health() {
    return health;
  }

  @Override
  public void close() {
    synchronized (pullers) {
      if (health.connected()) {
        health = new BusHealth(false, clock.instant(), "the bus was closed", 1, 0);
      }
      pullers.forEach(EmbeddedPuller::close);
      pullers.clear();
    }
  }

  private EmbeddedStream stream(BusStream stream) {
    EmbeddedStream found = streams.get(stream);
    if (found == null) {
      throw new IllegalStateException("Expected stream " + stream + ", but it was never made");
    }
    return found;
  }

  private void requireOpen() {
    if (!health.connected()) {
      throw closed();
    }
  }

  private static BusUnavailable closed() {
    return new BusUnavailable("Expected an open bus, but it was closed");
  }
}
