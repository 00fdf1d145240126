package io.noetl.tool.nats;

import io.nats.client.JetStreamApiException;
import io.nats.client.ObjectStore;
import io.nats.client.ObjectStoreOptions;
import io.nats.client.api.ObjectInfo;
import io.nats.client.api.ObjectMeta;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The operations on object stores. */
final class ObjectStores {
  private ObjectStores() {}

  static Map<String, @Nullable Object> put(NatsCall call, boolean hasData)
      throws IOException, JetStreamApiException, TimeoutException {
    String name = name(call);
    if (!hasData) {
      throw InvalidConfig.missing(ToolKind.NATS, "data");
    }
    byte[] bytes =
        Payloads.bytes(call.fields().first("data", "value"), call.fields().text("encoding"));
    requireSize(call, "an object to put", bytes.length);
    ObjectMeta.Builder meta = ObjectMeta.builder(name);
    String description = call.fields().text("description");
    if (description != null) {
      meta.description(description);
    }
    ObjectInfo info;
    try {
      info = store(call).put(meta.build(), new ByteArrayInputStream(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected this Java to have SHA-256, but: " + e, e);
    }
    Map<String, @Nullable Object> data = about(call, name);
    data.put("size", info.getSize());
    return data;
  }

  static Map<String, @Nullable Object> get(NatsCall call)
      throws IOException, JetStreamApiException, InterruptedException, TimeoutException {
    String name = name(call);
    ObjectStore store = store(call);
    ObjectInfo info = found(call, store, name);
    requireSize(call, "an object to get", info.getSize());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(info.getSize()));
    try {
      store.get(name, bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected this Java to have SHA-256, but: " + e, e);
    }
    Map<String, @Nullable Object> data = about(call, name);
    data.put("data", Payloads.object(bytes.toByteArray(), call.fields().text("encoding")));
    data.put("size", (long) bytes.size());
    return data;
  }

  static Map<String, @Nullable Object> delete(NatsCall call)
      throws IOException, JetStreamApiException, TimeoutException {
    String name = name(call);
    ObjectStore store = store(call);
    found(call, store, name);
    store.delete(name);
    return about(call, name);
  }

  static Map<String, @Nullable Object> info(NatsCall call)
      throws IOException, JetStreamApiException, TimeoutException {
    String name = name(call);
    Map<String, @Nullable Object> data = about(call, name);
    data.putAll(shown(found(call, store(call), name)));
    return data;
  }

  static Map<String, @Nullable Object> list(NatsCall call)
      throws IOException, JetStreamApiException, InterruptedException, TimeoutException {
    List<ObjectInfo> all = store(call).getList();
    int limit = call.settings().maxKeys();
    if (all.size() > limit) {
      throw NatsRefusal.limit(
          "TOO_MANY_KEYS",
          "Expected a bucket of at most "
              + limit
              + " objects (nats.max-keys), but it has "
              + all.size());
    }
    Map<String, @Nullable Object> data = NatsCall.success("bucket", bucketName(call));
    data.put("objects", all.stream().map(ObjectStores::shown).toList());
    data.put("count", (long) all.size());
    return data;
  }

  private static ObjectInfo found(NatsCall call, ObjectStore store, String name)
      throws IOException, JetStreamApiException {
    ObjectInfo info = store.getInfo(name);
    if (info == null) {
      throw NatsRefusal.notFound(
          "Object '" + name + "' not found in bucket '" + bucketName(call) + "'");
    }
    return info;
  }

  private static Map<String, @Nullable Object> shown(ObjectInfo info) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("name", info.getObjectName());
    map.put("size", info.getSize());
    map.put("description", info.getDescription());
    map.put("chunks", info.getChunks());
    return map;
  }

  private static void requireSize(NatsCall call, String what, long size) {
    int limit = call.settings().objectLimit();
    if (size > limit) {
      throw NatsRefusal.limit(
          "OBJECT_TOO_LARGE",
          "Expected "
              + what
              + " of at most "
              + limit
              + " bytes (nats.object-limit), but it has "
              + size);
    }
  }

  private static ObjectStore store(NatsCall call) throws IOException, TimeoutException {
    return call.connection()
        .objectStore(
            bucketName(call),
            ObjectStoreOptions.builder().jetStreamOptions(call.patience()).build());
  }

  private static Map<String, @Nullable Object> about(NatsCall call, String name) {
    Map<String, @Nullable Object> data = NatsCall.success("bucket", bucketName(call));
    data.put("name", name);
    return data;
  }

  private static String bucketName(NatsCall call) {
    return call.fields().requiredText("bucket");
  }

  private static String name(NatsCall call) {
    return call.fields().requiredText("name", "object", "key");
  }
}
