package io.noetl.api;

import io.noetl.upkeep.ObjectStore;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Opaque bytes that other programs keep here. */
final class ObjectRoutes implements Resource {
  private static final String BYTES = "application/octet-stream";

  /** Longest media type that is kept, in characters. */
  private static final int MAX_TYPE = 200;

  private final ObjectStore objects;
  private final ApiLimits limits;

  ObjectRoutes(ObjectStore objects, ApiLimits limits) {
    this.objects = objects;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .put(
            "/api/internal/objects/{key...}",
            AccessClass.INTERNAL,
            new Bodies.Limit("limits.result-body", limits.storedBytes()),
            this::put)
        .get("/api/internal/objects/{key...}", AccessClass.INTERNAL, this::get);
  }

  private Reply put(Call call) {
    String key = key(call);
    String type = call.contentType();
    byte[] bytes = call.bytes();
    String digest =
        objects.put(
            call.tenant(), key, bytes, type.isEmpty() || type.length() > MAX_TYPE ? BYTES : type);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("key", key);
    out.put("bytes", bytes.length);
    out.put("sha256", digest);
    return Reply.ok(out).withHeader("ETag", "\"" + digest + "\"");
  }

  private Reply get(Call call) {
    String key = key(call);
    ObjectStore.Stored stored =
        objects
            .get(call.tenant(), key)
            .orElseThrow(() -> Problems.notFound("object " + key + " not found").refusal());
    String tag = "\"" + stored.sha256() + "\"";
    if (tag.equals(call.header("If-None-Match"))) {
      return new Reply(304, stored.mediaType(), new byte[0], Map.of("ETag", tag));
    }
    return Reply.bytes(stored.mediaType(), stored.bytes()).withHeader("ETag", tag);
  }

  private static String key(Call call) {
    String key = call.path("key");
    if (key.isBlank() || key.length() > ObjectStore.MAX_KEY) {
      throw Members.fault(
          "key",
          "Expected a key of 1 to " + ObjectStore.MAX_KEY + " characters, but got " + key.length());
    }
    return key;
  }
}
