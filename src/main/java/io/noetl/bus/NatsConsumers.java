package io.noetl.bus;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Makes a durable consumer what it must be, and believes only what the server reads back. */
final class NatsConsumers {

  private static final Logger LOG = System.getLogger(NatsConsumers.class.getName());

  private NatsConsumers() {}

  /**
   * Makes it if it is missing, and anew if its position is ahead of its stream: a server that lost
   * the end of a stream, or was given an older copy of it, numbers new messages from where the
   * stream ends now, and a consumer that has been further would pass over them in silence.
   *
   * @return when the consumer was made, which tells it from a later one of the same name
   */
  static ZonedDateTime ensure(JetStreamManagement server, ConsumerSpec spec)
      throws IOException, JetStreamApiException {
    ConsumerConfiguration wanted = wanted(spec);
    String stream = spec.stream().wireName();
    ConsumerInfo info = server.addOrUpdateConsumer(stream, wanted);
    // Asked for after the position, so that it can only be later.
    long position = info.getDelivered().getStreamSequence();
    long last = server.getStreamInfo(stream).getStreamState().getLastSequence();
    if (position > last) {
      LOG.log(
          Level.WARNING,
          "consumer {0} has been at {1}, but its stream ends at {2}: it is made again",
          spec.durable(),
          Long.toString(position),
          Long.toString(last));
      server.deleteConsumer(stream, spec.durable());
      info = server.addOrUpdateConsumer(stream, wanted);
    }
    ConsumerConfiguration found = info.getConsumerConfiguration();
    List<String> differences = new ArrayList<>();
    NatsStreams.compare(
        differences, "filters", Set.copyOf(spec.filters()), Set.copyOf(filters(found)));
    NatsStreams.compare(differences, "ack_policy", AckPolicy.Explicit, found.getAckPolicy());
    NatsStreams.compare(differences, "deliver_policy", DeliverPolicy.All, found.getDeliverPolicy());
    NatsStreams.compare(differences, "ack_wait", spec.ackWait(), found.getAckWait());
    NatsStreams.compare(
        differences, "max_deliver", (long) spec.maxDeliver(), found.getMaxDeliver());
    NatsStreams.compare(
        differences, "max_ack_pending", (long) spec.maxAckPending(), found.getMaxAckPending());
    if (!differences.isEmpty()) {
      throw new BusMisconfigured(
          "Expected the server to keep the settings of consumer %s, but it dropped some: %s"
              .formatted(spec.durable(), String.join(", ", differences)));
    }
    return info.getCreationTime();
  }

  private static ConsumerConfiguration wanted(ConsumerSpec spec) {
    return ConsumerConfiguration.builder()
        .durable(spec.durable())
        .filterSubjects(spec.filters())
        .ackPolicy(AckPolicy.Explicit)
        .deliverPolicy(DeliverPolicy.All)
        .ackWait(spec.ackWait())
        .maxDeliver(spec.maxDeliver())
        .maxAckPending(spec.maxAckPending())
        .build();
  }

  private static List<String> filters(ConsumerConfiguration found) {
    List<String> filters = found.getFilterSubjects();
    return filters == null ? List.of() : filters;
  }
}
