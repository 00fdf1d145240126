package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.language.Rule;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Loops: what they run over, how many at once, how errors count, and what they come to. */
final class LoopTest {

  private static String loop(String loop, String rest) {
    return """
    workload: {nums: [1, 2, 3], empty: [], cfg: {x: 1}}
    workflow:
      - step: start
        loop: %s
        tool: {kind: python, input: {n: "{{ iter.num }}"}, code: "result = n"}
        %s
      - {step: end, tool: {kind: noop, result: {n: "{{ start | length }}", stats: "{{ start.stats }}", second: "{{ start[1] }}", all: "{{ start.results }}"}}}
    """
        .formatted(loop, rest);
  }

  private static void report(Sim sim, int iteration, Outcome outcome) {
    long command =
        sim.state.commands().values().stream()
            .filter(open -> Integer.valueOf(iteration).equals(open.iteration()))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no open iteration " + iteration))
            .commandId();
    sim.accept(Sim.reportOf(command, outcome));
  }

  private static List<Integer> running(Sim sim) {
    return sim.state.commands().values().stream()
        .map(ExecutionState.OpenCommand::iteration)
        .sorted()
        .toList();
  }

  @Test
  @Rule("12.2")
  void rule12_2_sequentialIterationsRunOneAfterTheOtherInOrder() {
    Sim sim =
        Sim.of(
                loop(
                    "{in: \"{{ workload.nums }}\", iterator: num}",
                    "next: {arcs: [{step: end, when: \"{{ event.name == 'loop.done' }}\"}]}"))
            .start();

    for (int i = 0; i < 3; i++) {
      assertThat(running(sim)).containsExactly(i);
      assertThat(sim.contextOf("start").get("input")).isEqualTo(Map.of("n", i + 1L));
      report(sim, i, Outcome.success(10L * i));
    }

    assertThat(sim.data("end"))
        .isEqualTo(
            Map.of(
                "n",
                3L,
                "stats",
                Map.of("total", 3L, "success", 3L, "failed", 0L),
                "second",
                10L,
                "all",
                List.of(0L, 10L, 20L)));
    assertThat(sim.state.loops()).isEmpty();
  }

  @Test
  @Rule("12.2")
  void rule12_2_parallelIterationsAreBoundedAndKeepTheirOrderInTheResult() {
    Sim sim =
        Sim.of(
                loop(
                    "{in: [3, 0, 5], iterator: num, spec: {mode: parallel, max_in_flight: 2}}",
                    "next: end"))
            .start();

    assertThat(running(sim)).containsExactly(0, 1);
    report(sim, 1, Outcome.success("b"));
    assertThat(running(sim)).containsExactly(0, 2);
    report(sim, 2, Outcome.success("c"));
    report(sim, 0, Outcome.success("a"));

    assertThat(((Map<?, ?>) sim.data("start")).get("results")).isEqualTo(List.of("a", "b", "c"));
  }

  @Test
  @Rule("12.2")
  void rule12_2_variablesWrittenByAnIterationAreSeenByTheNext() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    loop: {in: [1, 2], iterator: num}
                    tool: {kind: python, input: {acc: "{{ ctx.acc | default(0) }}"}, code: "result = acc"}
                """)
            .start();
    assertThat(sim.contextOf("start").get("input")).isEqualTo(Map.of("acc", 0L));

    sim.accept(
        new ExecutionIntent.AcceptReport(
            sim.open("start").commandId(),
            Outcome.success(1L),
            List.of(new ExecutionEvent.CtxWrite(List.of("acc"), 7L)),
            1,
            1,
            "w",
            null));

    assertThat(sim.contextOf("start").get("input")).isEqualTo(Map.of("acc", 7L));
  }

  @Test
  @Rule("12.3")
  void rule12_3_anIterationHasItsNames() {
    Sim sim = Sim.of(loop("{in: [8, 9], iterator: num}", "next: end")).start();
    report(sim, 0, Outcome.success(null));

    assertThat(sim.contextOf("start").get("names"))
        .isEqualTo(Map.of("loop_index", 1L, "_index", 1L, "_total", 2L, "num", 9L));
    assertThat(sim.contextOf("start").get("iter"))
        .isEqualTo(
            Map.of(
                "item", 9L, "num", 9L, "_index", 1L, "index", 1L, "_total", 2L, "total", 2L,
                "_first", false, "_last", true));
  }

  @Test
  @Rule("12.6")
  void rule12_6_aSoftErrorIsCountedAndTheLoopGoesOn() {
    Sim sim =
        Sim.of(
                loop(
                    "{in: [3, 0], iterator: num, spec: {mode: parallel}}",
                    "next: {arcs: [{step: end, when: \"{{ event.name == 'loop.done' }}\"}]}"))
            .start();
    report(
        sim, 1, Outcome.soft(Map.of("stdout", ""), Errors.of("python", "PY_X", "division", false)));
    report(sim, 0, Outcome.success(5L));

    assertThat(((Map<?, ?>) sim.data("start")).get("stats"))
        .isEqualTo(Map.of("total", 2L, "success", 1L, "failed", 1L));
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  @Rule("12.6")
  void rule12_6_aHardErrorStartsNothingMoreAndFailsTheStepWhenTheOthersHaveEnded() {
    Sim sim =
        Sim.of(
                loop(
                    "{in: [1, 2, 3, 4], iterator: num, spec: {mode: parallel, max_in_flight: 2}}",
                    "next: {arcs: [{step: end, when: \"{{ event.name == 'call.error' }}\"}]}"))
            .start();
    report(sim, 0, Outcome.hard(Errors.of("connection", "CONN_REFUSED", "refused", true)));

    assertThat(running(sim)).containsExactly(1);
    report(sim, 1, Outcome.success(1L));

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.error()).isEqualTo("Failed steps: start: refused");
    assertThat(sim.state.step("end").visits()).isZero();
  }

  @Test
  @Rule("12.6")
  void rule12_6_onErrorContinueCountsAHardErrorAndGoesOn() {
    Sim sim =
        Sim.of(loop("{in: [1, 2], iterator: num}", "spec: {on_error: continue}\n    next: end"))
            .start();
    report(sim, 0, Outcome.hard(Errors.of("connection", "CONN_REFUSED", "refused", true)));
    report(sim, 1, Outcome.success(2L));

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(((Map<?, ?>) sim.data("start")).get("results"))
        .isEqualTo(java.util.Arrays.asList(null, 2L));
  }

  @Test
  @Rule("12.2")
  void rule12_2_anEmptyCollectionCompletesAtOnce() {
    Sim sim =
        Sim.of(
                loop(
                    "{in: \"{{ workload.empty }}\", iterator: num}",
                    "next: {arcs: [{step: end, when: \"{{ event.name == 'loop.done' }}\"}]}"))
            .start();

    Map<String, @Nullable Object> expected = new LinkedHashMap<>();
    expected.put("results", List.of());
    expected.put("data", List.of());
    expected.put("stats", Map.of("total", 0L, "success", 0L, "failed", 0L));
    expected.put("count", 0L);
    assertThat(sim.data("start")).isEqualTo(expected);
    assertThat(sim.state.step("end").finished()).isEqualTo(1);
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  @Rule("12.1")
  void rule12_1_whatACollectionMayBe() {
    assertThat(items("3")).isEqualTo(List.of(0L, 1L, 2L));
    assertThat(items("\"a, b\"")).isEqualTo(List.of("a", "b"));
    assertThat(items("\"[1, 2]\"")).isEqualTo(List.of(1L, 2L));
    assertThat(items("workload.nums")).isEqualTo(List.of(1L, 2L, 3L));
    assertThat(items("\"{{ workload.cfg }}\"")).isEqualTo(List.of(Map.of("key", "x", "value", 1L)));
  }

  private static List<@Nullable Object> items(String in) {
    Sim sim =
        Sim.of(loop("{in: " + in + ", iterator: num, spec: {mode: parallel}}", "next: end"))
            .start();
    List<@Nullable Object> items = new ArrayList<>();
    sim.commands
        .values()
        .forEach(command -> items.add(((Map<?, ?>) command.context().get("iter")).get("num")));
    return items;
  }

  @Test
  @Rule("12.1")
  void rule12_1_whatIsNoCollectionFailsTheExecutionAloud() {
    Sim sim = Sim.of(loop("{in: \"{{ workload.absent }}\", iterator: num}", "next: end")).start();

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.error())
        .contains("loop step 'start': Loop expression '{{ workload.absent }}'")
        .contains("(got null)");
  }

  @Test
  @Rule("14.5")
  void aCommandThatWasLostTooOftenFailsTheLoop() {
    Sim sim = Sim.of(loop("{in: [1], iterator: num}", "next: end")).start();
    long command = sim.open("start").commandId();

    sim.accept(new ExecutionIntent.ExpireLease(command, 3, 3, 3, "w9"));

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.error()).contains("command.max-attempts");
  }

  @Test
  void aRoutingBodyNeedsAWorkerOnlyToLetOthersHaveTheLaneNowAndThen() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    loop: {in: 1000, iterator: i, spec: {mode: parallel, max_in_flight: 8}}
                    tool: {kind: noop, result: "{{ iter.i * 2 }}"}
                    next: end
                  - {step: end, tool: {kind: noop, result: {last: "{{ start[999] }}", n: "{{ start.count }}"}}}
                """)
            .start();
    int commands = 0;
    while (!sim.state.status().terminal()) {
      assertThat(sim.open()).as("commands at once").containsExactly("start");
      Map<?, ?> iter = (Map<?, ?>) sim.contextOf("start").get("iter");
      commands++;
      sim.done("start", 2 * ((Number) iter.get("i")).longValue());
    }

    assertThat(commands).isEqualTo(3);
    assertThat(sim.data("end")).isEqualTo(Map.of("last", 1998L, "n", 1000L));
  }

  @Test
  void aRoutingBodyThatCannotBeRenderedEndsTheLoop() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    loop: {in: 10, iterator: i}
                    tool: {kind: noop, result: "{{ 1 / (iter.i - 3) }}"}
                """)
            .start();

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.types()).filteredOn("IterationFinished"::equals).hasSize(4);
  }

  @Test
  void aThousandItemsCostTwoEventsEachAndNoRepeatOfTheData() {
    Sim sim =
        Sim.of(loop("{in: 1000, iterator: num, spec: {mode: parallel, max_in_flight: 100}}", ""))
            .start();
    while (!sim.state.status().terminal()) {
      long command = sim.state.commands().keySet().iterator().next();
      Decision.Accepted accepted =
          (Decision.Accepted) sim.decide(Sim.reportOf(command, Outcome.success(1L)));
      sim.log.addAll(accepted.events());
      sim.state = accepted.state();
    }

    assertThat(sim.state.seq()).isEqualTo(1 + 1 + 2 * 1000 + 1 + 1);
  }
}
