package io.noetl.tool;

import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.ToolCall.LineLog;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes tool calls for tests. */
public final class Calls {
  public static final Identity IDENTITY =
      new Identity("123456789", "987654321", "start", 1, "http://127.0.0.1:1", "w-test");

  private Calls() {}

  public static ToolCall of(ToolKind kind, Map<String, ? extends @Nullable Object> fields) {
    return of(kind, fields, null);
  }

  public static ToolCall of(
      ToolKind kind, Map<String, ? extends @Nullable Object> fields, @Nullable Object input) {
    return new ToolCall(
        kind, new LinkedHashMap<>(fields), input, IDENTITY, Map.of(), null, LineLog.NONE);
  }

  public static ToolCall python(String code) {
    return of(ToolKind.PYTHON, Map.of("code", code));
  }

  public static ToolCall python(String code, @Nullable Object input) {
    return of(ToolKind.PYTHON, Map.of("code", code), input);
  }

  public static ToolCall withNames(ToolCall call, Map<String, @Nullable Object> names) {
    return new ToolCall(
        call.kind(),
        call.fields(),
        call.input(),
        call.identity(),
        names,
        call.timeout(),
        call.log());
  }

  public static ToolCall withTimeout(ToolCall call, Duration timeout) {
    return new ToolCall(
        call.kind(),
        call.fields(),
        call.input(),
        call.identity(),
        call.names(),
        timeout,
        call.log());
  }

  public static ToolCall withLog(ToolCall call, LineLog log) {
    return new ToolCall(
        call.kind(),
        call.fields(),
        call.input(),
        call.identity(),
        call.names(),
        call.timeout(),
        log);
  }

  public static ToolCall with(ToolCall call, String field, @Nullable Object value) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>(call.fields());
    fields.put(field, value);
    return new ToolCall(
        call.kind(),
        fields,
        call.input(),
        call.identity(),
        call.names(),
        call.timeout(),
        call.log());
  }

  public static @Nullable Object json(String text) {
    return Json.parse(text.replace('\'', '"'));
  }
}
