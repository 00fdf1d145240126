package io.noetl.bus;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the streams what they must be, and believes only what the server reads back. */
final class NatsStreams {

  private final NatsConfig config;

  NatsStreams(NatsConfig config) {
    this.config = config;
  }

  void ensure(JetStreamManagement server) {
    for (BusStream stream : BusStream.values()) {
      String what = "stream " + stream.wireName();
      try {
        ensure(server, stream);
      } catch (JetStreamApiException e) {
        throw NatsErrors.ofManagement(what, e);
      } catch (IOException | IllegalStateException e) {
        // The latter is the library's word for a connection that has broken meanwhile.
        throw NatsErrors.ofManagement(what, e);
      }
    }
  }

  private void ensure(JetStreamManagement server, BusStream stream)
      throws IOException, JetStreamApiException {
    StreamConfiguration found = find(server, stream);
    if (found == null) {
      found = add(server, stream);
    }
    if (!differences(stream, found).isEmpty()) {
      // Settings that are not ours, such as placement, stay as the operator made them.
      found =
          server
              .updateStream(wanted(stream, StreamConfiguration.builder(found)))
              .getConfiguration();
    }
    List<String> differences = differences(stream, found);
    if (!differences.isEmpty()) {
      throw new BusMisconfigured(
          "Expected the server to keep the settings of %s, but it dropped some: %s"
              .formatted(stream.wireName(), String.join(", ", differences)));
    }
  }

  private static @Nullable StreamConfiguration find(JetStreamManagement server, BusStream stream)
      throws IOException, JetStreamApiException {
    try {
      return server.getStreamInfo(stream.wireName()).getConfiguration();
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == NatsErrors.STREAM_NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  private StreamConfiguration add(JetStreamManagement server, BusStream stream)
      throws IOException, JetStreamApiException {
    try {
      return server.addStream(wanted(stream, StreamConfiguration.builder())).getConfiguration();
    } catch (JetStreamApiException e) {
      // Another process with other settings was faster.
      StreamConfiguration found =
          e.getApiErrorCode() == NatsErrors.STREAM_NAME_IN_USE ? find(server, stream) : null;
      if (found == null) {
        throw e;
      }
      return found;
    }
  }

  private StreamConfiguration wanted(BusStream stream, StreamConfiguration.Builder builder) {
    StreamLimits limits = config.limits().of(stream);
    return builder
        .name(stream.wireName())
        .subjects(stream.allSubjects())
        .storageType(StorageType.File)
        .retentionPolicy(retention(stream))
        .discardPolicy(discard(stream))
        .maxAge(limits.maxAge())
        .maxBytes(limits.maxBytes())
        .maxMessages(limits.maxMessages())
        .duplicateWindow(config.limits().duplicateWindow())
        .replicas(config.replicas())
        .build();
  }

  private List<String> differences(BusStream stream, StreamConfiguration found) {
    StreamConfiguration wanted = wanted(stream, StreamConfiguration.builder());
    List<String> differences = new ArrayList<>();
    compare(differences, "subjects", wanted.getSubjects(), found.getSubjects());
    compare(differences, "storage", wanted.getStorageType(), found.getStorageType());
    compare(differences, "retention", wanted.getRetentionPolicy(), found.getRetentionPolicy());
    compare(differences, "discard", wanted.getDiscardPolicy(), found.getDiscardPolicy());
    compare(differences, "max_age", wanted.getMaxAge(), found.getMaxAge());
    compare(differences, "max_bytes", wanted.getMaxBytes(), found.getMaxBytes());
    compare(differences, "max_msgs", wanted.getMaxMsgs(), found.getMaxMsgs());
    compare(
        differences, "duplicate_window", wanted.getDuplicateWindow(), found.getDuplicateWindow());
    compare(differences, "replicas", wanted.getReplicas(), found.getReplicas());
    return differences;
  }

  static void compare(
      List<String> differences, String name, @Nullable Object wanted, @Nullable Object found) {
    if (wanted == null || !wanted.equals(found)) {
      differences.add("%s is %s, not %s".formatted(name, found, wanted));
    }
  }

  private static RetentionPolicy retention(BusStream stream) {
    return switch (stream) {
      case EVENTS -> RetentionPolicy.Limits;
      case COMMANDS -> RetentionPolicy.WorkQueue;
    };
  }

  /** A lost event is read from the database; a lost hint would wait for a sweep unseen. */
  private static DiscardPolicy discard(BusStream stream) {
    return switch (stream) {
      case EVENTS -> DiscardPolicy.Old;
      case COMMANDS -> DiscardPolicy.New;
    };
  }
}
