package io.noetl.tool.nats;

import io.nats.client.JetStreamApiException;
import io.noetl.json.JsonException;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Carries out one operation on a NATS server. */
public final class NatsExecutor implements ToolExecutor {
  private static final List<String> OPERATIONS =
      List.of(
          "kv_get",
          "kv_put",
          "kv_delete",
          "kv_purge",
          "kv_keys",
          "object_put",
          "object_get",
          "object_delete",
          "object_info",
          "object_list",
          "js_publish",
          "js_get_msg",
          "js_stream_info",
          "js_consume");

  private final NatsSettings settings;
  private final Credentials credentials;
  private final NatsConnections connections;

  /**
   * @param credentials resolves the names of {@code auth} fields
   */
  public NatsExecutor(NatsSettings settings, Credentials credentials) {
    this.settings = settings;
    this.credentials = credentials;
    this.connections = new NatsConnections(settings);
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    try {
      Fields fields = new Fields(ToolKind.NATS, call.fields());
      String operation = operation(fields);
      NatsIdentity identity = NatsIdentity.of(fields, credentials, call.identity());
      Duration limit = limit(call, fields);
      return done(call, fields, operation, identity, limit);
    } catch (InvalidConfig e) {
      return Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    } catch (JsonException e) {
      return Outcome.hard(Errors.configuration("The value cannot be stored: " + e.getMessage()));
    } catch (CredentialException e) {
      return e.outcome();
    } catch (NatsRefusal e) {
      return Outcome.hard(e.error());
    }
  }

  private Outcome done(
      ToolCall call, Fields fields, String operation, NatsIdentity identity, Duration limit)
      throws InterruptedException {
    String what = described(operation, fields) + " to succeed";
    long end = System.nanoTime() + limit.toNanos();
    try (NatsConnections.Lease lease = connections.take(identity, limit)) {
      return Outcome.success(
          performed(operation, new NatsCall(lease.connection(), fields, settings, end), call));
    } catch (TimeoutException e) {
      return timedOut("Expected " + what + ", but it took longer than " + Fields.words(limit));
    } catch (JetStreamApiException e) {
      return Outcome.hard(NatsFailures.answered(what, e));
    } catch (IOException | IllegalStateException e) {
      if (Thread.interrupted() || e.getCause() instanceof InterruptedException) {
        throw new InterruptedException("the nats call was interrupted");
      }
      return Outcome.hard(NatsFailures.broken(what, identity.shownUrl(), e));
    } catch (IllegalArgumentException e) {
      // The client checks names and addresses itself.
      throw new InvalidConfig(
          "Invalid nats config: " + NatsIdentity.withoutLogins(String.valueOf(e.getMessage())));
    }
  }

  private static Map<String, @Nullable Object> performed(
      String operation, NatsCall on, ToolCall call)
      throws IOException, JetStreamApiException, InterruptedException, TimeoutException {
    // A null is a value, too: only its key tells that it was given.
    boolean given = call.fields().containsKey("value") || call.fields().containsKey("data");
    return switch (operation) {
      case "kv_get" -> KeyValues.get(on);
      case "kv_put" -> KeyValues.put(on, given);
      case "kv_delete" -> KeyValues.delete(on);
      case "kv_purge" -> KeyValues.purge(on);
      case "kv_keys" -> KeyValues.keys(on);
      case "object_put" -> ObjectStores.put(on, given);
      case "object_get" -> ObjectStores.get(on);
      case "object_delete" -> ObjectStores.delete(on);
      case "object_info" -> ObjectStores.info(on);
      case "object_list" -> ObjectStores.list(on);
      case "js_publish" -> Streams.publish(on);
      case "js_get_msg" -> Streams.message(on);
      case "js_stream_info" -> Streams.info(on);
      case "js_consume" -> Streams.consume(on);
      default -> throw new IllegalStateException("operation " + operation);
    };
  }

  private static String operation(Fields fields) {
    String operation = fields.requiredText("operation").strip().toLowerCase(Locale.ROOT);
    if (!OPERATIONS.contains(operation)) {
      throw new InvalidConfig(
          "Invalid nats config: expected field 'operation' to be one of "
              + String.join(", ", OPERATIONS)
              + ", but it is '"
              + operation
              + "'");
    }
    return operation;
  }

  /** The operation and what it is about. */
  private static String described(String operation, Fields fields) {
    List<String> about = new ArrayList<>();
    for (String field : List.of("bucket", "key", "name", "stream", "subject", "consumer")) {
      String text = fields.text(field);
      if (text != null) {
        about.add(field + "=" + text);
      }
    }
    return operation + (about.isEmpty() ? "" : " (" + String.join(", ", about) + ")");
  }

  private Duration limit(ToolCall call, Fields fields) {
    Duration own = fields.duration("timeout_seconds", "timeout");
    Duration limit = own == null ? settings.timeout() : own;
    Duration above = call.timeout();
    return above != null && above.compareTo(limit) < 0 ? above : limit;
  }

  private static Outcome timedOut(String message) {
    return new Outcome(
        Status.TIMEOUT,
        Shape.SINGLE,
        null,
        Errors.timeout(message),
        true,
        null,
        Map.of(),
        null,
        null);
  }

  /** Connections that are open; for tests. */
  int connections() {
    return connections.size();
  }

  @Override
  public void close() {
    connections.close();
  }
}
