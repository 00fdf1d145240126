package io.noetl.tool.python;

import io.noetl.json.Json;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call as the runner wants it: a head, the effective input and the names of the dispatch
 * context, each as JSON.
 *
 * @param timeout null = none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record CallRequest(byte[] head, byte[] input, byte[] names, @Nullable Duration timeout) {

  /** What the runner must know beside input and names. */
  record Head(
      String code,
      @Nullable Object libs,
      Map<String, String> environment,
      @Nullable String directory,
      String executionId,
      String step,
      String serverUrl,
      int resultLimit) {

    private byte[] json() {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      map.put("code", code);
      map.put("libs", libs);
      map.put("env", environment);
      map.put("cwd", directory);
      map.put("execution_id", executionId);
      map.put("step", step);
      map.put("server_url", serverUrl);
      map.put("max_result", resultLimit);
      return Json.bytes(map);
    }
  }

  static CallRequest of(
      Head head,
      @Nullable Object input,
      Map<String, @Nullable Object> names,
      @Nullable Duration timeout) {
    return new CallRequest(
        head.json(), Json.bytes(input == null ? Map.of() : input), Json.bytes(names), timeout);
  }

  /** Bytes of the request as {@link #parts} gives them. */
  int size() {
    return Math.addExact(Math.addExact(12, head.length), Math.addExact(input.length, names.length));
  }

  /** The three texts, each after its length. */
  ByteBuffer[] parts() {
    return new ByteBuffer[] {
      length(head), ByteBuffer.wrap(head),
      length(input), ByteBuffer.wrap(input),
      length(names), ByteBuffer.wrap(names)
    };
  }

  /** Zero = none. */
  int timeoutMillis() {
    if (timeout == null) {
      return 0;
    }
    return Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
  }

  private static ByteBuffer length(byte[] bytes) {
    return ByteBuffer.allocate(4).putInt(0, bytes.length);
  }
}
