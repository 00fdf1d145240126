package io.noetl.wasm;

import io.noetl.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One call of a plug-in: everything the guest may know. Immutable as far as the input's values are.
 *
 * @param executionId decimal text; the only execution the guest may act on
 * @param commandId decimal text of the command that is being executed
 * @param step name of the step
 * @param attempt from 1
 * @param tenant whose grants apply
 * @param now the only clock of the guest
 * @param seed the only randomness of the guest: 32 lower-case hexadecimal digits
 * @param input JSON values
 * @param timeout lowers the guest's wall clock; null leaves it
 * @param memoryMib lowers the guest's memory, in MiB from 1; null leaves it
 */
public record PluginCall(
    String executionId,
    String commandId,
    String step,
    int attempt,
    String tenant,
    Instant now,
    String seed,
    Map<String, @Nullable Object> input,
    @Nullable Duration timeout,
    @Nullable Integer memoryMib) {

  private static final Pattern SEED = Pattern.compile("[0-9a-f]{32}");

  public PluginCall {
    if (attempt < 1) {
      throw new IllegalArgumentException("Expected an attempt from 1, but got " + attempt);
    }
    if (!SEED.matcher(seed).matches()) {
      throw new IllegalArgumentException(
          "Expected a seed of 32 hexadecimal digits, but got \"" + seed + "\"");
    }
    if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
      throw new IllegalArgumentException("Expected a timeout above 0, but got " + timeout);
    }
    if (memoryMib != null && memoryMib < 1) {
      throw new IllegalArgumentException("Expected memory of at least 1 MiB, but got " + memoryMib);
    }
    // Not Map.copyOf: a JSON null is a legal value.
    input = Collections.unmodifiableMap(new LinkedHashMap<>(input));
  }

  /** The document that {@code host_input} serves, as UTF-8 JSON. */
  byte[] document(PluginModule module) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("abi", AbiFunction.MODULE);
    document.put("execution_id", executionId);
    document.put("command_id", commandId);
    document.put("step", step);
    document.put("attempt", attempt);
    document.put("path", module.path());
    document.put("version", module.version());
    document.put("tenant", tenant);
    document.put("now", now.toString());
    document.put("seed", seed);
    document.put("input", input);
    return Json.bytes(document);
  }
}
