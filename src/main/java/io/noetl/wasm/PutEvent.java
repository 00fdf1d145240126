package io.noetl.wasm;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the events of plug-ins go. */
public interface PutEvent {
  /**
   * Records one event.
   *
   * @param envelope {@code execution_id}, {@code event_type}, {@code step}, {@code context}, {@code
   *     actionable} (always false), {@code meta}, and what the guest gave of {@code status} and
   *     {@code created_at}
   * @return the event's id, decimal text
   * @throws HostCallException when the guest may know why it failed, such as {@link
   *     HostError#UNAVAILABLE}
   */
  String put(HostCallContext context, Map<String, @Nullable Object> envelope);
}
