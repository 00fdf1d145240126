package io.noetl.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.wasm.PluginRehearsal.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fixtures, recordings, and their replay. */
@ExtendWith(GuestThreads.class)
final class RehearsalTest {
  private final PluginLimits limits = TestModules.limits();
  private final PluginRehearsal rehearsal = new PluginRehearsal(limits);

  @ParameterizedTest
  @EnumSource
  void aRecordedCallReplaysWithTheSameOutputAndFuel(EngineMode mode) throws Exception {
    PluginScript recording = recording();

    Outcome replayed =
        rehearsal.run(BundledPluginTest.bytes("word-count"), reread(recording.json()), mode);

    assertThat(replayed.problems()).isEmpty();
    assertThat(recording.calls()).hasSize(1);
    assertThat(recording.calls().getFirst().name()).isEqualTo("host_put_event");
    assertThat(recording.expect().fuel()).isEqualTo(replayed.result().usage().fuel());
  }

  @Test
  void aReplayThatAsksSomethingElseDivergesAndShowsBoth() throws Exception {
    Map<String, @Nullable Object> changed = recording().json();
    changed.put(
        "calls",
        List.of(
            Map.of("name", "host_put_event", "request", Map.of("other", 1), "reply", Map.of())));

    Outcome outcome =
        rehearsal.run(BundledPluginTest.bytes("word-count"), reread(changed), EngineMode.COMPILED);

    assertThat(outcome.passed()).isFalse();
    assertThat(outcome.problems().getFirst())
        .startsWith("PLUGIN_REPLAY_DIVERGED")
        .contains("{\"other\":1}", "text.counted");
  }

  @Test
  void aReplayWithFewerOrMoreCallsDiverges() throws Exception {
    Map<String, @Nullable Object> none = recording().json();
    none.put("calls", List.of());
    Map<String, @Nullable Object> twice = recording().json();
    Object call = ((List<?>) twice.get("calls")).getFirst();
    twice.put("calls", List.of(call, call));
    byte[] module = BundledPluginTest.bytes("word-count");

    assertThat(rehearsal.run(module, reread(none), EngineMode.COMPILED).problems().getFirst())
        .contains("expected no further call");
    assertThat(rehearsal.run(module, reread(twice), EngineMode.COMPILED).problems().getFirst())
        .contains("made 1 of the 2 calls");
  }

  @Test
  void oneByteOfAReplyChangedIsADifferentOutput() throws Exception {
    byte[] module = AskingPlugin.of("host_system_call", "{\"name\":\"version\"}");
    PluginScript script =
        PluginScript.parse(
            """
            {"grants": ["host_system_call"],
             "calls": [{"name": "host_system_call", "request": {"name": "version"}, "reply": {"v": "1"}}],
             "expect": {"output": {"v": "1"}}}
            """);
    Map<String, @Nullable Object> changed = script.json();
    changed.put(
        "calls",
        List.of(
            Map.of(
                "name", "host_system_call",
                "request", Map.of("name", "version"),
                "reply", Map.of("v", "2"))));

    assertThat(rehearsal.run(module, script, EngineMode.COMPILED).problems()).isEmpty();
    assertThat(rehearsal.run(module, reread(changed), EngineMode.COMPILED).problems())
        .containsExactly("expected the output {\"v\":\"1\"}, but got {\"v\":\"2\"}");
  }

  @Test
  void aRecordedErrorOfTheHostIsReplayedAsAnError() throws Exception {
    byte[] module = AskingPlugin.of("host_system_call", "{\"name\":\"x\"}");
    PluginScript script =
        PluginScript.parse(
            """
            {"grants": ["host_system_call"],
             "calls": [{"name": "host_system_call", "request": {"name": "x"}, "code": -2,
                        "reply": {"code": "DENIED", "message": "no"}}],
             "expect": {"output": {"code": "DENIED", "message": "no", "retryable": false}}}
            """);

    assertThat(rehearsal.run(module, script, EngineMode.COMPILED).problems()).isEmpty();
  }

  @Test
  void fuelFailuresAndModulesAreCompared() throws Exception {
    byte[] trap = new WasmBuilder().execute(WasmBuilder.unreachable()).build();
    PluginScript wanted = PluginScript.parse("{\"expect\": {\"error\": \"PLUGIN_TRAP\"}}");
    PluginScript unwanted = PluginScript.parse("{\"expect\": {\"output\": 1}}");
    PluginScript cheap =
        PluginScript.parse("{\"expect\": {\"error\": \"PLUGIN_TRAP\", \"max_fuel\": 1}}");
    Map<String, @Nullable Object> other = recording().json();

    assertThat(rehearsal.run(trap, wanted, EngineMode.COMPILED).problems()).isEmpty();
    assertThat(rehearsal.run(trap, unwanted, EngineMode.COMPILED).problems().getFirst())
        .startsWith("PLUGIN_TRAP");
    assertThat(rehearsal.run(trap, cheap, EngineMode.COMPILED).problems())
        .containsExactly("expected at most 1 units of fuel, but it cost 2");
    assertThat(rehearsal.run(trap, reread(other), EngineMode.COMPILED).problems().getFirst())
        .startsWith("the recording is of module ");
    assertThat(
            rehearsal
                .run(
                    new byte[] {1},
                    PluginScript.parse("{\"expect\": {\"error\": \"PLUGIN_INVALID\"}}"),
                    EngineMode.COMPILED)
                .problems())
        .isEmpty();
  }

  @Test
  void whatIsNoScriptIsRefused() {
    for (String text :
        List.of(
            "[]",
            "{}",
            "{\"expect\": 1}",
            "{\"expect\": {}, \"calls\": [1]}",
            "{\"expect\": {}, \"now\": \"yesterday\"}",
            "{\"expect\": {}, \"seed\": \"12\"}")) {
      assertThatThrownBy(() -> PluginScript.parse(text)).as(text).isInstanceOf(JsonException.class);
    }
  }

  private PluginScript recording() throws Exception {
    PluginRecorder recorder = new PluginRecorder();
    PluginModule module = BundledPluginTest.load("word-count", EngineMode.COMPILED);
    PluginCall call = TestModules.call(Map.of("text", "one two two"));
    PluginGrants grants = PluginGrants.tenantDefault("acme");
    PluginResult result =
        new PluginHost(limits, new EndiveEngine())
            .call(module, call, grants, recorder.listening(TestModules.host()));
    return recorder.script(module, call, grants, result);
  }

  private static PluginScript reread(Map<String, @Nullable Object> json) {
    return PluginScript.parse(Json.text(new LinkedHashMap<>(json)));
  }
}
