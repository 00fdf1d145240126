package io.noetl.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.envelope.EventType;
import io.noetl.execution.Awaited;
import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionEvent.Completion;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.execution.ExecutionEvent.Taken;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.LoopItems;
import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The stored form of every event is kept as a file for ever: it must be what is written today, and
 * it must be read as the same event by every later version.
 */
final class EventCodecTest {
  private static final Outcome DONE = Outcome.success(ordered("z", 1L, "a", List.of(true)));

  /** One example of each event, under the name of its golden file. */
  static Map<String, ExecutionEvent> examples() {
    Map<String, ExecutionEvent> examples = new LinkedHashMap<>();
    examples.put(
        "started",
        new ExecutionEvent.Started(
            11,
            "examples/hello",
            3,
            ordered("name", "Ada", "n", 5L),
            List.of("n"),
            "start",
            21L,
            22L,
            "shared",
            ExecutionSettings.DEFAULT));
    Map<String, io.noetl.execution.ExecutionState.StepState> steps = new LinkedHashMap<>();
    steps.put(
        "load",
        new io.noetl.execution.ExecutionState.StepState(2, 2, 1, false, DONE, "start", true, -3));
    steps.put(
        "new",
        new io.noetl.execution.ExecutionState.StepState(0, 0, 1, false, null, null, false, 0));
    examples.put(
        "forked",
        new ExecutionEvent.Forked(
            new ExecutionEvent.Started(
                11,
                "examples/hello",
                3,
                ordered("name", "Ada"),
                List.of("name"),
                "start",
                null,
                null,
                null,
                ExecutionSettings.DEFAULT,
                new ExecutionEvent.Origin(20, 7, 19)),
            new ExecutionEvent.Kept(
                steps,
                ordered("a", 1L),
                List.of(
                    new io.noetl.execution.ExecutionState.Pending("next", "load"),
                    new io.noetl.execution.ExecutionState.Pending("start", null)),
                3,
                List.of("load"),
                "it broke",
                "load",
                List.of(new io.noetl.execution.Signals.Kept("go", ordered("ok", true), "k1")),
                List.of(new io.noetl.execution.Signals.Seen("go", "k1")))));
    examples.put(
        "ctx_updated",
        new ExecutionEvent.CtxUpdated(
            "start",
            List.of(new CtxWrite(List.of("a", "b"), 1L), new CtxWrite(List.of("c"), null)),
            List.of("set c keeps its text")));
    examples.put(
        "ctx_updated_removed.v2",
        new ExecutionEvent.CtxUpdated(
            "load",
            List.of(new CtxWrite(List.of("a"), 1L)),
            List.of(),
            List.of("b"),
            Map.of("a", "computed")));
    examples.put(
        "command_issued",
        new ExecutionEvent.CommandIssued("fetch", 2, 7, ToolKind.HTTP, "shared", "start"));
    examples.put("command_expired", new ExecutionEvent.CommandExpired(31, "fetch", 1, "w1"));
    examples.put(
        "call_finished",
        new ExecutionEvent.CallFinished(
            31,
            "fetch",
            2,
            new Completion(
                DONE, List.of(new Taken("next", true), new Taken("join", false)), false, null),
            2,
            5,
            "w1",
            Instant.parse("2026-01-02T03:04:05.678901Z"),
            false));
    examples.put(
        "call_finished_error",
        new ExecutionEvent.CallFinished(
            31,
            "fetch",
            1,
            new Completion(
                Outcome.hard(Errors.of("connection", "CONN_REFUSED", "refused", true)),
                List.of(),
                true,
                null),
            1,
            1,
            null,
            null,
            true));
    examples.put(
        "loop_started.v2",
        new ExecutionEvent.LoopStarted(
            "each", 1, new LoopItems.Listed(List.of(1L, ordered("k", "v"))), 4, "start"));
    examples.put(
        "loop_started_numbers.v2",
        new ExecutionEvent.LoopStarted("each", 1, new LoopItems.Numbers(1000), 4, null));
    examples.put(
        "loop_started_pages.v2",
        new ExecutionEvent.LoopStarted(
            "each",
            1,
            new LoopItems.Paged(
                3,
                2,
                List.of(
                    "noetl://execution/7/result/each.items/8",
                    "noetl://execution/7/result/each.items/9")),
            4,
            null));
    examples.put(
        "cursor_started", new ExecutionEvent.CursorStarted("drain", 1, 10, 2, true, "start"));
    examples.put(
        "frame_claimed",
        new ExecutionEvent.FrameClaimed(
            31L,
            "drain",
            1,
            4,
            new LoopItems.Listed(List.of(Map.of("id", 7L))),
            null,
            1,
            3,
            "w1",
            Instant.parse("2026-01-02T03:04:05Z"),
            false));
    examples.put(
        "frame_claimed_error",
        new ExecutionEvent.FrameClaimed(
            32L,
            "drain",
            1,
            5,
            new LoopItems.Numbers(0),
            Outcome.hard(Errors.of("connection", "CONN_REFUSED", "refused", true)),
            3,
            5,
            "w1",
            null,
            true));
    examples.put(
        "iteration_finished",
        new ExecutionEvent.IterationFinished(
            31L,
            "each",
            1,
            0,
            Outcome.hard(Errors.of("connection", "CONN_REFUSED", "refused", true)),
            true,
            2,
            3,
            "w1",
            Instant.parse("2026-01-02T03:04:05Z"),
            false));
    examples.put(
        "loop_done",
        new ExecutionEvent.LoopDone(
            "each",
            1,
            new Completion(
                Outcome.success(null).withShape(Outcome.Shape.LOOP),
                List.of(new Taken("end", true)),
                false,
                null)));
    examples.put(
        "step_exited",
        new ExecutionEvent.StepExited(
            "route", 1, new Completion(DONE, List.of(), false, "guard broken"), "start"));
    examples.put(
        "step_skipped",
        new ExecutionEvent.StepSkipped("maybe", List.of(new Taken("tail", true)), null));
    examples.put("completed", new ExecutionEvent.Completed(ordered("ok", true)));
    examples.put("failed", new ExecutionEvent.Failed("Failed steps: a: boom", List.of("a")));
    examples.put("cancelled", new ExecutionEvent.Cancelled("enough", true));
    examples.put("cancelled_alone", new ExecutionEvent.Cancelled("enough", false));
    examples.put(
        "signal_received",
        new ExecutionEvent.SignalReceived("approve", ordered("by", "ada", "ok", true), "k1"));
    examples.put("signal_received_bare", new ExecutionEvent.SignalReceived("go", null, null));
    examples.put(
        "waiting_signal",
        new ExecutionEvent.WaitOpened(
            "ask", 1, null, new Awaited.Signal("approve"), Duration.ofHours(1), false, "start"));
    examples.put(
        "waiting_timer",
        new ExecutionEvent.WaitOpened(
            "nap", 1, 2, new Awaited.Timer(null), Duration.ofMillis(1500), false, null));
    examples.put(
        "waiting_until",
        new ExecutionEvent.WaitOpened(
            "nap",
            1,
            null,
            new Awaited.Timer(Instant.parse("2026-03-29T01:00:00Z")),
            null,
            false,
            null));
    examples.put("paused", new ExecutionEvent.Paused("paused by ada: night"));
    examples.put("resumed", new ExecutionEvent.Resumed("resumed by ada"));
    examples.put(
        "waiting",
        new ExecutionEvent.WaitOpened(
            "call",
            2,
            3,
            new Awaited.Child(
                41,
                "flows/child",
                null,
                7,
                ordered("b", 1L, "a", List.of(2L)),
                "gpu",
                Awaited.Until.STEP,
                "end"),
            Duration.ofSeconds(90),
            true,
            "start"));
    examples.put(
        "waiting_start",
        new ExecutionEvent.WaitOpened(
            "call",
            1,
            null,
            new Awaited.Child(41, null, 51L, null, Map.of(), null, Awaited.Until.STARTED, null),
            null,
            false,
            null));
    examples.put(
        "recorded",
        new ExecutionEvent.Recorded(
            "call.done", ordered("step", "fetch", "status", "COMPLETED"), 31L, DONE));
    return examples;
  }

  static List<String> names() {
    return List.copyOf(examples().keySet());
  }

  private static Map<String, @Nullable Object> ordered(Object... pairs) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static Map<String, @Nullable Object> golden(String name) throws IOException {
    String file = "/events/" + (name.matches(".*\\.v\\d+") ? name : name + ".v1") + ".json";
    try (InputStream in = EventCodecTest.class.getResourceAsStream(file)) {
      assertThat(in).as("golden file src/test/resources" + file).isNotNull();
      return Json.parseObject(in.readAllBytes());
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void writesWhatItsGoldenFileSays(String name) throws IOException {
    assertThat(Json.text(EventCodec.encode(examples().get(name))))
        .as("a released event may not change: give it a new version instead")
        .isEqualTo(Json.text(golden(name)));
  }

  @ParameterizedTest
  @MethodSource("names")
  void readsItsGoldenFileAsTheSameEvent(String name) throws IOException {
    ExecutionEvent example = examples().get(name);

    assertThat(EventCodec.decode(EventCodec.type(example), golden(name))).isEqualTo(example);
  }

  @Test
  void readsItemsOfTheFirstVersionFromTheEvent() throws IOException {
    assertThat(EventCodec.decode(EventType.LOOP_STARTED, golden("loop_started")))
        .isEqualTo(examples().get("loop_started.v2"));
  }

  @Test
  void everyEventHasAnExample() {
    assertThat(examples().values().stream().map(Object::getClass).distinct().toList())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.asList(ExecutionEvent.class.getPermittedSubclasses()));
  }

  @Test
  void onlyRecordedEventsHaveNamesThatAnybodyMayPost() {
    examples()
        .forEach(
            (name, event) -> {
              String type = EventCodec.type(event);
              if (!(event instanceof ExecutionEvent.Recorded)
                  && !(event instanceof ExecutionEvent.CallFinished)
                  && !(event instanceof ExecutionEvent.IterationFinished)
                  && !(event instanceof ExecutionEvent.FrameClaimed)
                  && !(event instanceof ExecutionEvent.StepExited)) {
                assertThat(EventType.reserved(type)).as(type).isTrue();
              }
            });
  }

  @Test
  void refusesASchemaThatItDoesNotKnow() {
    assertThatThrownBy(
            () ->
                EventCodec.decode(
                    "x", ordered("schema_name", "from_the_future", "schema_version", 1L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from_the_future");
    assertThatThrownBy(
            () -> EventCodec.decode("x", ordered("schema_name", "started", "schema_version", 2L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("version 2");
  }

  @Test
  void namesTheMemberThatIsDamaged() throws IOException {
    Map<String, @Nullable Object> damaged = golden("command_issued");
    damaged.put("context", "text");

    assertThatThrownBy(() -> EventCodec.decode(EventType.COMMAND_ISSUED, damaged))
        .hasMessageContaining("'context'")
        .hasMessageContaining("object");
  }
}
