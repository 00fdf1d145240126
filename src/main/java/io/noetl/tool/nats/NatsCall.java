package io.noetl.tool.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamOptions;
import io.noetl.tool.Fields;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What an operation works with.
 *
 * @param end when its time is over, as {@link System#nanoTime} counts
 */
record NatsCall(Connection connection, Fields fields, NatsSettings settings, long end) {

  /**
   * @throws TimeoutException when nothing is left
   */
  Duration left() throws TimeoutException {
    long nanos = end - System.nanoTime();
    if (nanos <= 0) {
      throw new TimeoutException("the time of the call is over");
    }
    return Duration.ofNanos(Math.max(1_000_000, nanos));
  }

  /** Options under which the server is waited for no longer than the call may take. */
  JetStreamOptions patience() throws TimeoutException {
    return JetStreamOptions.builder().requestTimeout(left()).build();
  }

  /** Data to begin with. */
  static Map<String, @Nullable Object> success(String name, @Nullable Object value) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("status", "success");
    data.put(name, value);
    return data;
  }
}
