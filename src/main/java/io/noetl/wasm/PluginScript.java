package io.noetl.wasm;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One call of a plug-in as a JSON document: what goes in, what the host answers, what must come
 * out. A fixture of a test and a recording of a call in production have the same form. Immutable as
 * far as its JSON values are.
 *
 * @param digest SHA-256 of the module that a recording is of; null in a fixture
 * @param call everything the guest may know
 * @param path under which the plug-in is registered
 * @param version of the plug-in
 * @param grants capabilities that it has
 * @param calls what it asks the host, in order, and the answers
 * @param expect what must come of it
 */
public record PluginScript(
    @Nullable String digest,
    PluginCall call,
    String path,
    int version,
    List<String> grants,
    List<Asked> calls,
    Expectation expect) {

  private static final String NO_SEED = "00000000000000000000000000000000";

  public PluginScript {
    grants = List.copyOf(grants);
    calls = List.copyOf(calls);
  }

  /**
   * One call of a capability.
   *
   * @param request a JSON value
   * @param code 0 or more when it was answered; the negative code of an error otherwise
   * @param reply a JSON value: the reply, or the detail of the error
   */
  public record Asked(String name, @Nullable Object request, int code, @Nullable Object reply) {
    /** As JSON. */
    Map<String, @Nullable Object> json() {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("name", name);
      json.put("request", request);
      if (code < 0) {
        json.put("code", (long) code);
      }
      json.put("reply", reply);
      return json;
    }
  }

  /**
   * What must come of the call.
   *
   * @param code what {@code execute} returns, 0 or 1; ignored when {@code error} is there
   * @param error code of a failure, such as {@code PLUGIN_TRAP}; null when none is expected
   * @param output a JSON value; ignored when {@code error} is there
   * @param maxFuel most units that it may cost; null for any
   * @param fuel exactly the units that it must cost; null for any
   */
  public record Expectation(
      int code,
      @Nullable String error,
      @Nullable Object output,
      @Nullable Long maxFuel,
      @Nullable Long fuel) {}

  /**
   * Reads a fixture or a recording.
   *
   * @throws JsonException when a member is missing or wrong
   */
  public static PluginScript parse(String text) {
    Map<String, @Nullable Object> json = Json.parseObject(text);
    Object expect = json.get("expect");
    if (!(expect instanceof Map<?, ?> expected)) {
      throw new JsonException("Expected the member expect with what must come of the call");
    }
    List<String> grants = new ArrayList<>();
    for (Object grant : list(json, "grants")) {
      grants.add(String.valueOf(grant));
    }
    List<Asked> calls = new ArrayList<>();
    for (Object call : list(json, "calls")) {
      if (!(call instanceof Map<?, ?> asked) || !(asked.get("name") instanceof String name)) {
        throw new JsonException("Expected calls of {name, request, reply}");
      }
      int code = asked.get("code") instanceof Number number ? number.intValue() : 0;
      calls.add(new Asked(name, asked.get("request"), code, asked.get("reply")));
    }
    return new PluginScript(
        json.get("digest") instanceof String digest ? digest : null,
        call(json),
        text(json, "path", "test/plugin"),
        (int) number(json.get("version"), 1),
        grants,
        calls,
        new Expectation(
            (int) number(expected.get("code"), 0),
            expected.get("error") instanceof String error ? error : null,
            expected.get("output"),
            expected.get("max_fuel") instanceof Number most ? (Long) most.longValue() : null,
            expected.get("fuel") instanceof Number exact ? (Long) exact.longValue() : null));
  }

  private static PluginCall call(Map<String, @Nullable Object> json) {
    Map<String, @Nullable Object> input = new LinkedHashMap<>();
    if (json.get("input") instanceof Map<?, ?> members) {
      members.forEach((name, value) -> input.put(String.valueOf(name), value));
    }
    try {
      return new PluginCall(
          text(json, "execution_id", "900"),
          text(json, "command_id", "901"),
          text(json, "step", "test"),
          (int) number(json.get("attempt"), 1),
          text(json, "tenant", "test"),
          Instant.parse(text(json, "now", "2026-01-01T00:00:00Z")),
          text(json, "seed", NO_SEED),
          input,
          null,
          null);
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new JsonException("Expected now, seed and attempt of a call, but " + e.getMessage());
    }
  }

  /** As a document that {@link #parse} reads. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    if (digest != null) {
      json.put("digest", digest);
    }
    json.put("path", path);
    json.put("version", (long) version);
    json.put("execution_id", call.executionId());
    json.put("command_id", call.commandId());
    json.put("step", call.step());
    json.put("attempt", (long) call.attempt());
    json.put("tenant", call.tenant());
    json.put("now", call.now().toString());
    json.put("seed", call.seed());
    json.put("input", call.input());
    json.put("grants", grants);
    json.put("calls", calls.stream().map(Asked::json).toList());
    Map<String, @Nullable Object> expected = new LinkedHashMap<>();
    if (expect.error() != null) {
      expected.put("error", expect.error());
    } else {
      expected.put("code", (long) expect.code());
      expected.put("output", expect.output());
    }
    if (expect.maxFuel() != null) {
      expected.put("max_fuel", expect.maxFuel());
    }
    if (expect.fuel() != null) {
      expected.put("fuel", expect.fuel());
    }
    json.put("expect", expected);
    return json;
  }

  private static String text(Map<String, @Nullable Object> json, String name, String missing) {
    return Objects.requireNonNullElse(json.get(name) instanceof String text ? text : null, missing);
  }

  private static long number(@Nullable Object value, long missing) {
    return value instanceof Number number ? number.longValue() : missing;
  }

  private static List<?> list(Map<String, @Nullable Object> json, String name) {
    return json.get(name) instanceof List<?> list ? list : Collections.emptyList();
  }
}
