package io.noetl.tool.nats;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.PublishOptions;
import io.nats.client.PullRequestOptions;
import io.nats.client.PullSubscribeOptions;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The operations on streams. */
final class Streams {
  private static final Pattern NAME = Pattern.compile("[^\\s.*>/\\\\]+");
  private static final int CONSUMER_NOT_FOUND = 10014;
  private static final int DEFAULT_BATCH = 10;
  private static final Duration DEFAULT_WAIT = Duration.ofSeconds(5);

  /** How much longer than a request the client waits for the server to say that it has ended. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private Streams() {}

  static Map<String, @Nullable Object> publish(NatsCall call)
      throws IOException, JetStreamApiException, TimeoutException {
    String subject = subject(call);
    String stream = call.fields().text("stream");
    PublishOptions.Builder options = PublishOptions.builder();
    if (stream != null && !stream.isBlank()) {
      options.expectedStream(own(call, stream));
    }
    Object message = call.fields().first("data", "value", "payload");
    byte[] bytes = message == null ? new byte[0] : Payloads.bytes(message);
    long most = call.connection().getMaxPayload();
    if (most > 0 && bytes.length > most) {
      throw NatsRefusal.limit(
          "MESSAGE_TOO_LARGE",
          "Expected a message of at most "
              + most
              + " bytes (max_payload of the server), but it has "
              + bytes.length);
    }
    PublishAck ack =
        call.connection()
            .jetStream(call.patience())
            .publish(
                subject, Payloads.headers(call.fields().map("headers")), bytes, options.build());
    Map<String, @Nullable Object> data = NatsCall.success("stream", ack.getStream());
    data.put("seq", ack.getSeqno());
    data.put("duplicate", ack.isDuplicate());
    return data;
  }

  static Map<String, @Nullable Object> message(NatsCall call)
      throws IOException, JetStreamApiException, TimeoutException {
    String stream = stream(call);
    JetStreamManagement management = call.connection().jetStreamManagement(call.patience());
    Long sequence = number(call, "seq");
    MessageInfo message =
        sequence == null
            ? management.getLastMessage(stream, subject(call))
            : management.getMessage(stream, sequence);
    Map<String, @Nullable Object> data = NatsCall.success("stream", stream);
    data.put("subject", message.getSubject());
    data.put("seq", message.getSeq());
    data.put("data", Payloads.value(message.getData()));
    Map<String, @Nullable Object> headers = Payloads.map(message.getHeaders());
    if (!headers.isEmpty()) {
      data.put("headers", headers);
    }
    return data;
  }

  static Map<String, @Nullable Object> info(NatsCall call)
      throws IOException, InterruptedException, TimeoutException {
    String stream = stream(call);
    // The answer itself, not what the client makes of it: it has all members that the server has.
    Message answer =
        call.connection().request("$JS.API.STREAM.INFO." + stream, new byte[0], call.left());
    if (answer == null) {
      throw new IOException("timeout waiting for the answer of the server");
    }
    if (answer.isStatusMessage()) {
      throw new IOException("no JetStream: " + answer.getStatus());
    }
    Map<String, @Nullable Object> info = Json.parseObject(answer.getData());
    if (info.get("error") instanceof Map<?, ?> error) {
      throw new NatsRefusal(
          NatsFailures.answered(
              "information about stream '" + stream + "'",
              error.get("code") instanceof Number code ? code.intValue() : 0,
              error.get("err_code") instanceof Number code ? code.intValue() : 0,
              String.valueOf(error.get("description"))));
    }
    Map<String, @Nullable Object> data = NatsCall.success("stream", stream);
    data.put("config", info.get("config"));
    data.put("state", info.get("state"));
    return data;
  }

  static Map<String, @Nullable Object> consume(NatsCall call)
      throws IOException, JetStreamApiException, InterruptedException, TimeoutException {
    String stream = stream(call);
    String consumer = call.fields().requiredText("consumer", "durable");
    int batch = batch(call);
    Duration wait = wait(call);
    boolean ack = call.fields().flag(true, "ack");
    requireConsumer(call, stream, consumer);
    List<Message> messages = new ArrayList<>();
    JetStreamSubscription subscription =
        call.connection()
            .jetStream(call.patience())
            .subscribe(null, PullSubscribeOptions.bind(stream, consumer));
    try {
      pull(call, subscription, request(call, batch).noWait().build(), batch, messages);
      if (messages.isEmpty()) {
        // What comes first ends the wait; what has come with it is taken along.
        PullRequestOptions one = request(call, 1).expiresIn(wait).build();
        pull(call, subscription, one, 1, messages);
        if (!messages.isEmpty() && batch > 1) {
          PullRequestOptions rest = request(call, batch - 1).noWait().build();
          pull(call, subscription, rest, batch - 1, messages);
        }
      }
      List<Map<String, @Nullable Object>> shown = messages.stream().map(Streams::shown).toList();
      if (ack && !messages.isEmpty()) {
        messages.forEach(Message::ack);
        call.connection().flush(call.left());
      }
      Map<String, @Nullable Object> data = NatsCall.success("stream", stream);
      data.put("consumer", consumer);
      data.put("count", (long) shown.size());
      data.put("messages", shown);
      data.put("acked", ack);
      return data;
    } finally {
      subscription.unsubscribe();
    }
  }

  private static PullRequestOptions.Builder request(NatsCall call, int batch) {
    return PullRequestOptions.builder(batch).maxBytes(call.settings().objectLimit());
  }

  private static void pull(
      NatsCall call,
      JetStreamSubscription subscription,
      PullRequestOptions request,
      int most,
      List<Message> messages)
      throws InterruptedException, TimeoutException {
    subscription.pull(request);
    Duration expires = request.getExpiresIn();
    for (int taken = 0; taken < most; taken++) {
      Duration left = call.left();
      Duration patience = expires == null || expires.isZero() ? left : expires.plus(GRACE);
      Message message = subscription.nextMessage(patience.compareTo(left) < 0 ? patience : left);
      if (message == null) {
        return;
      }
      messages.add(message);
    }
  }

  /** A consumer that does not exist yet is made: durable, from the first message on. */
  private static void requireConsumer(NatsCall call, String stream, String consumer)
      throws IOException, JetStreamApiException, TimeoutException {
    JetStreamManagement management = call.connection().jetStreamManagement(call.patience());
    try {
      management.getConsumerInfo(stream, consumer);
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() != CONSUMER_NOT_FOUND) {
        throw e;
      }
      ConsumerConfiguration.Builder made =
          ConsumerConfiguration.builder().durable(consumer).ackPolicy(AckPolicy.Explicit);
      String subject = call.fields().text("subject");
      if (subject != null && !subject.isBlank()) {
        made.filterSubject(subject);
      }
      management.addOrUpdateConsumer(stream, made.build());
    }
  }

  private static Map<String, @Nullable Object> shown(Message message) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("subject", message.getSubject());
    map.put("stream_seq", message.metaData().streamSequence());
    map.put("data", Payloads.value(message.getData()));
    map.put("headers", Payloads.map(message.getHeaders()));
    map.put("consumer_seq", message.metaData().consumerSequence());
    map.put("deliveries", message.metaData().deliveredCount());
    map.put("timestamp", message.metaData().timestamp().toInstant().toString());
    return map;
  }

  private static int batch(NatsCall call) {
    Long given = number(call, "batch");
    long batch = given == null ? DEFAULT_BATCH : given;
    int most = call.settings().maxBatch();
    if (batch < 1 || batch > most) {
      throw new InvalidConfig(
          "Invalid nats config: expected field 'batch' from 1 to "
              + most
              + " (nats.max-batch), but it is "
              + batch);
    }
    return (int) batch;
  }

  private static Duration wait(NatsCall call) throws TimeoutException {
    Long millis = number(call, "timeout_ms");
    Duration wait = millis == null ? DEFAULT_WAIT : Duration.ofMillis(Math.max(1, millis));
    Duration left = call.left();
    return wait.compareTo(left) < 0 ? wait : left;
  }

  private static @Nullable Long number(NatsCall call, String field) {
    String text = call.fields().text(field);
    if (text == null || text.isBlank()) {
      return null;
    }
    try {
      return Long.valueOf(text.strip());
    } catch (NumberFormatException e) {
      throw new InvalidConfig(
          "Invalid nats config: expected field '"
              + field
              + "' to be a whole number, but it is '"
              + text
              + "'");
    }
  }

  private static String stream(NatsCall call) {
    return own(call, call.fields().requiredText("stream"));
  }

  private static String own(NatsCall call, String stream) {
    if (!NAME.matcher(stream).matches()) {
      throw new InvalidConfig(
          "Invalid nats config: expected field 'stream' to be a name, but it is '" + stream + "'");
    }
    if (call.settings().reservedStreams().contains(stream)) {
      throw new InvalidConfig(
          "Expected a stream of your own, but '" + stream + "' belongs to the platform");
    }
    return stream;
  }

  private static String subject(NatsCall call) {
    String subject = call.fields().text("subject");
    if (subject == null || subject.isBlank()) {
      throw InvalidConfig.missing(ToolKind.NATS, "subject");
    }
    // A subject that starts so is a request to the server, which could do anything to a stream.
    boolean servers = subject.startsWith("$");
    boolean platforms = call.settings().reservedSubjects().stream().anyMatch(subject::startsWith);
    if (servers || platforms) {
      throw new InvalidConfig(
          "Expected a subject of your own, but '"
              + subject
              + "' belongs to the "
              + (servers ? "server" : "platform"));
    }
    return subject;
  }
}
