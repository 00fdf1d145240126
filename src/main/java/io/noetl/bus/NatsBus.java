package io.noetl.bus;

import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The bus on NATS JetStream. Opening it needs no server: it connects in the background, says so in
 * {@link #health}, and every operation waits as long as it says it does.
 */
public final class NatsBus implements Bus {

  private final NatsConfig config;
  private final NatsStreams streams;
  private final NatsLink link;
  private final List<NatsConsumer> consumers = new ArrayList<>();

  private NatsBus(NatsConfig config, InstantSource clock) {
    this.config = config;
    this.streams = new NatsStreams(config);
    this.link = new NatsLink(config, streams, clock);
  }

  /**
   * Starts to connect and returns at once.
   *
   * @throws BusMisconfigured if the credentials file cannot be read
   * @throws IllegalArgumentException if the address is malformed
   */
  public static NatsBus open(NatsConfig config, InstantSource clock) {
    if (config.credentialsFile() != null && !Files.isReadable(config.credentialsFile())) {
      throw new BusMisconfigured(
          "Expected a readable credentials file, but %s is not"
              .formatted(config.credentialsFile()));
    }
    NatsBus bus = new NatsBus(config, clock);
    bus.link.start();
    return bus;
  }

  @Override
  public void ensureStreams() throws InterruptedException {
    link.wantStreams();
    NatsSession session = link.await(System.nanoTime() + config.connectTimeout().toNanos());
    streams.ensure(session.management());
  }

  @Override
  public CompletableFuture<PubAck> publish(String subject, String messageId, byte[] body)
      throws InterruptedException {
    BusStream _ = Subjects.streamOf(subject);
    MessageIds.require(messageId);
    if (body.length > config.limits().maxMessageBytes()) {
      return CompletableFuture.failedFuture(
          MessageIds.tooLarge(subject, messageId, body.length, config.limits().maxMessageBytes()));
    }
    NatsSession session = link.current();
    if (session == null) {
      return CompletableFuture.failedFuture(link.unavailable());
    }
    return session.publishes().publish(subject, messageId, body);
  }

  @Override
  public BusConsumer consumer(ConsumerSpec spec) {
    if (link.isClosed()) {
      throw link.unavailable();
    }
    NatsConsumer consumer = new NatsConsumer(link, streams, spec, config.limits().maxPullBytes());
    synchronized (consumers) {
      consumers.removeIf(NatsConsumer::isClosed);
      consumers.add(consumer);
    }
    return consumer;
  }

  @Override
  public BusHealth health() {
    return link.state().health();
  }

  @Override
  public void close() {
    synchronized (consumers) {
      consumers.forEach(NatsConsumer::close);
      consumers.clear();
    }
    link.close();
  }
}
