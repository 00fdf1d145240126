package io.noetl.result;

import io.noetl.execution.ResultUris;
import io.noetl.json.Json;
import io.noetl.playbook.value.References;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The row of one result.
 *
 * @param bytes size of the content as its owner gave it
 * @param sha SHA-256 of it; null once its time is over and it is gone
 * @param metaJson what is kept beside the reference
 * @param expired whether its time is over
 */
public record StoredResult(
    long resultId,
    long executionId,
    String name,
    @Nullable String sourceStep,
    String scope,
    String store,
    String mediaType,
    long bytes,
    byte @Nullable [] sha,
    String metaJson,
    @Nullable Instant expiresAt,
    boolean expired) {

  public String uri() {
    return ResultUris.ofResult(executionId, name, resultId);
  }

  /** The reference object that events and clients get. */
  public Map<String, @Nullable Object> reference() {
    Map<String, @Nullable Object> reference = new LinkedHashMap<>();
    reference.put(References.URI, uri());
    reference.put("kind", "result_ref");
    reference.put(References.STORE, store);
    reference.put("scope", scope);
    reference.put(References.BYTES, bytes);
    if (sha != null) {
      reference.put("sha", HexFormat.of().formatHex(sha));
    }
    reference.put("media_type", mediaType);
    reference.putAll(Json.parseObject(metaJson));
    if (expiresAt != null) {
      reference.put("expires_at", expiresAt.toString());
    }
    return reference;
  }
}
