package io.noetl.api;

import io.noetl.json.Json;
import io.noetl.playbook.Durations;
import io.noetl.playbook.value.References;
import io.noetl.result.NewStoredResult;
import io.noetl.result.StoredResult;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Checks what is said about data that is stored, and makes its row. */
final class ResultRows {
  private static final Set<String> SCOPES = Set.of("step", "execution", "workflow", "permanent");
  private static final Set<String> META =
      Set.of(References.TYPE, References.KEYS, References.EXTRACTED, "preview", "correlation");
  private static final int META_BYTES = 64 * 1024;
  private static final int MAX_NAME = 250;

  private final LongSupplier ids;

  ResultRows(LongSupplier ids) {
    this.ids = ids;
  }

  /**
   * What was asked for.
   *
   * @param ttl as written, or null
   */
  record Asked(
      String name,
      @Nullable String step,
      @Nullable String scope,
      @Nullable String ttl,
      String mediaType) {}

  /**
   * @param given what is kept beside the reference; members of other names are left out
   */
  NewStoredResult of(
      String tenant,
      long executionId,
      Asked asked,
      byte[] content,
      Map<String, @Nullable Object> given) {
    Map<String, @Nullable Object> meta = new LinkedHashMap<>(given);
    meta.keySet().retainAll(META);
    if (asked.name().length() > MAX_NAME) {
      throw Members.fault("name", "Expected name to have at most " + MAX_NAME + " characters");
    }
    String scope = asked.scope();
    if (scope != null && !SCOPES.contains(scope)) {
      throw Members.fault(
          "scope", "Expected scope to be step, execution, workflow or permanent, but got " + scope);
    }
    int size = Json.bytes(meta).length;
    if (size > META_BYTES) {
      throw Problems.tooLarge("what is kept beside a result", "fixed", META_BYTES, size + " bytes")
          .refusal();
    }
    Map<String, @Nullable Object> correlation = Members.mapIfAny(meta, "correlation");
    Long command = correlation == null ? null : Members.id(correlation, "command_id");
    Long attempt = correlation == null ? null : Members.number(correlation, "attempt");
    return new NewStoredResult(
        ids.getAsLong(),
        executionId,
        tenant,
        asked.name(),
        asked.step(),
        command,
        attempt == null ? 0 : Math.toIntExact(attempt),
        scope == null ? "execution" : scope,
        asked.mediaType(),
        content,
        duration(asked.ttl()),
        meta);
  }

  private static @Nullable Duration duration(@Nullable String ttl) {
    if (ttl == null || ttl.equals("forever")) {
      return null;
    }
    Duration duration = Durations.parse(ttl);
    if (duration == null) {
      throw Members.fault("ttl", "Expected ttl to be a time such as 30m, 1h, 1d or forever");
    }
    return duration;
  }

  /** What is answered when data was stored. */
  static Reply stored(StoredResult stored) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("ref", stored.uri());
    out.put("store", stored.store());
    out.put("scope", stored.scope());
    out.put("bytes", stored.bytes());
    Map<String, @Nullable Object> reference = stored.reference();
    out.put("sha", reference.get("sha"));
    if (reference.get("expires_at") != null) {
      out.put("expires_at", reference.get("expires_at"));
    }
    return Reply.ok(out);
  }
}
