package io.noetl.tool.nats;

import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.KeyValueOptions;
import io.nats.client.PublishOptions;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.KeyValueWatchOption;
import io.nats.client.api.KeyValueWatcher;
import io.nats.client.impl.NatsKeyValueWatchSubscription;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The operations on key-value buckets. */
final class KeyValues {
  private static final Pattern KEY = Pattern.compile("[-/_=.a-zA-Z0-9]+");
  private static final Pattern BUCKET = Pattern.compile("[-_a-zA-Z0-9]+");

  private KeyValues() {}

  static Map<String, @Nullable Object> get(NatsCall call)
      throws IOException, JetStreamApiException, TimeoutException {
    String key = key(call);
    KeyValueEntry entry = bucket(call).get(key);
    Map<String, @Nullable Object> data = about(call, key);
    if (entry == null) {
      data.put("status", "not_found");
    }
    data.put("value", entry == null ? null : Payloads.value(entry.getValue()));
    return data;
  }

  static Map<String, @Nullable Object> put(NatsCall call, boolean hasValue)
      throws IOException, JetStreamApiException, TimeoutException {
    String key = key(call);
    if (!hasValue) {
      throw InvalidConfig.missing(ToolKind.NATS, "value");
    }
    byte[] bytes = Payloads.bytes(call.fields().first("value", "data"));
    Duration ttl = call.fields().duration("ttl");
    long revision = ttl == null ? bucket(call).put(key, bytes) : expiring(call, key, bytes, ttl);
    Map<String, @Nullable Object> data = about(call, key);
    data.put("revision", revision);
    return data;
  }

  /** The client knows a time to live for new keys only; the message beneath has it for all. */
  private static long expiring(NatsCall call, String key, byte[] bytes, Duration ttl)
      throws IOException, JetStreamApiException, TimeoutException {
    int seconds = Math.toIntExact(Math.clamp(ttl.toSeconds(), 1, Integer.MAX_VALUE));
    return call.connection()
        .jetStream(call.patience())
        .publish(
            "$KV." + bucketName(call) + "." + key,
            bytes,
            PublishOptions.builder().messageTtlSeconds(seconds).build())
        .getSeqno();
  }

  static Map<String, @Nullable Object> delete(NatsCall call)
      throws IOException, JetStreamApiException, TimeoutException {
    String key = key(call);
    bucket(call).delete(key);
    return about(call, key);
  }

  static Map<String, @Nullable Object> purge(NatsCall call)
      throws IOException, JetStreamApiException, TimeoutException {
    String key = key(call);
    bucket(call).purge(key);
    return about(call, key);
  }

  static Map<String, @Nullable Object> keys(NatsCall call)
      throws IOException, JetStreamApiException, InterruptedException, TimeoutException {
    Collector collector = new Collector(call.settings().maxKeys());
    // Of each key only its name, not its value; deleted ones are left out.
    NatsKeyValueWatchSubscription watch =
        bucket(call)
            .watchAll(collector, KeyValueWatchOption.META_ONLY, KeyValueWatchOption.IGNORE_DELETE);
    List<String> keys;
    try {
      keys = collector.keys.get(call.left().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof NatsRefusal refusal) {
        throw refusal;
      }
      throw new IOException(e.getCause());
    } finally {
      watch.unsubscribe();
    }
    String glob = call.fields().text("pattern");
    Pattern pattern = glob == null || glob.isBlank() ? null : glob(glob.strip());
    List<String> found =
        keys.stream()
            .filter(key -> pattern == null || pattern.matcher(key).matches())
            .sorted()
            .toList();
    Map<String, @Nullable Object> data = NatsCall.success("bucket", bucketName(call));
    data.put("keys", found);
    data.put("count", (long) found.size());
    return data;
  }

  /** A pattern of {@code *} (any text) and {@code ?} (one character); a last {@code >} is as *. */
  static Pattern glob(String glob) {
    String text = glob.endsWith(".>") || glob.equals(">") ? glob.replaceFirst(">$", "*") : glob;
    StringBuilder regex = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(Character.toString(c)));
              }
            });
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  private static final class Collector implements KeyValueWatcher {
    private final int limit;
    private final List<String> names = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<List<String>> keys = new CompletableFuture<>();

    private Collector(int limit) {
      this.limit = limit;
    }

    @Override
    public void watch(KeyValueEntry entry) {
      if (names.size() < limit) {
        names.add(entry.getKey());
      } else {
        keys.completeExceptionally(
            NatsRefusal.limit(
                "TOO_MANY_KEYS",
                "Expected a bucket of at most "
                    + limit
                    + " keys (nats.max-keys), but it has more"));
      }
    }

    @Override
    public void endOfData() {
      keys.complete(List.copyOf(names));
    }
  }

  private static KeyValue bucket(NatsCall call) throws IOException, TimeoutException {
    return call.connection()
        .keyValue(
            bucketName(call), KeyValueOptions.builder().jetStreamOptions(call.patience()).build());
  }

  private static Map<String, @Nullable Object> about(NatsCall call, String key) {
    Map<String, @Nullable Object> data = NatsCall.success("bucket", bucketName(call));
    data.put("key", key);
    return data;
  }

  private static String bucketName(NatsCall call) {
    return token(call, "bucket", BUCKET);
  }

  private static String key(NatsCall call) {
    return token(call, "key", KEY);
  }

  private static String token(NatsCall call, String field, Pattern allowed) {
    String text = call.fields().requiredText(field);
    if (!allowed.matcher(text).matches()) {
      throw new InvalidConfig(
          "Invalid nats config: expected field '"
              + field
              + "' to match "
              + allowed
              + ", but it is '"
              + text
              + "'");
    }
    return text;
  }
}
