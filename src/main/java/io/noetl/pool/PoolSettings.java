package io.noetl.pool;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Settings of a pool member.
 *
 * @param pool name of the pool it works for
 * @param workerId unique name of this process
 * @param slots commands that run at once
 * @param lease how long it may stay silent about a command
 * @param drain how long running commands may finish after a stop
 * @param durable name of the durable consumer on the bus
 * @param filters subjects that it pulls
 * @param capabilities tool kinds that it runs, told to the server
 * @param labels told to the server
 */
public record PoolSettings(
    String pool,
    String workerId,
    int slots,
    Duration lease,
    Duration drain,
    String durable,
    List<String> filters,
    List<String> capabilities,
    Map<String, String> labels) {

  public PoolSettings {
    if (slots < 1) {
      throw new IllegalArgumentException(
          "Expected worker.slots to be at least 1, but got " + slots);
    }
    filters = List.copyOf(filters);
    capabilities = List.copyOf(capabilities);
    labels = Map.copyOf(labels);
  }
}
