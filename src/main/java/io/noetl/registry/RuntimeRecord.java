package io.noetl.registry;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One registered component.
 *
 * @param kind such as {@code worker_pool}
 * @param status as it said itself, or {@code offline} after too long a silence
 * @param labelsJson and the other documents: JSON text as registered, or null
 */
public record RuntimeRecord(
    long runtimeId,
    String name,
    String kind,
    @Nullable String pool,
    @Nullable String uri,
    String status,
    @Nullable String labelsJson,
    @Nullable String capabilitiesJson,
    @Nullable Integer capacity,
    @Nullable String runtimeJson,
    @Nullable String hostname,
    @Nullable Long pid,
    Instant heartbeat,
    Instant createdAt,
    Instant updatedAt) {

  public static final String WORKER_POOL = "worker_pool";
  public static final String OFFLINE = "offline";
}
