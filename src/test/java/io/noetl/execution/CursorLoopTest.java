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

/** Loops that claim what they run over, frame by frame. */
@Rule({"12.7"})
final class CursorLoopTest {

  private static String drain(String spec, String more) {
    return """
    workflow:
      - step: start
        loop:
          cursor: {kind: postgres, auth: pg, claim: "take {{ __frame_max_rows }} of frame {{ __frame_index }}"}
          iterator: row
          spec: {mode: cursor%s}
        %s
        tool:
          kind: python
          input: {id: "{{ iter.row.id }}", at: "{{ _index }} of {{ _total }} in {{ iter.__cursor_frame }}"}
          code: "result = id"
        next: {arcs: [{step: end, when: "{{ event.name == 'loop.done' }}"}]}
      - {step: end, tool: {kind: noop, result: {value: "{{ start }}", n: "{{ start | length }}"}}}
    """
        .formatted(spec, more);
  }

  private static Outcome rows(int... ids) {
    List<@Nullable Object> rows = new ArrayList<>();
    for (int id : ids) {
      rows.add(Map.of("id", (long) id));
    }
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("columns", List.of("id"));
    data.put("rows", rows);
    data.put("row_count", (long) rows.size());
    return Outcome.success(data).withShape(Outcome.Shape.ROWS);
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

  private static List<@Nullable Integer> running(Sim sim) {
    List<@Nullable Integer> running = new ArrayList<>();
    sim.state.commands().values().forEach(command -> running.add(command.iteration()));
    running.sort(null);
    return running;
  }

  private static Object query(Sim sim) {
    return CommandContexts.rendered(sim.contextOf("start")).get("query");
  }

  @Test
  void rule12_7_claimsFrameAfterFrameUntilOneIsEmpty() {
    Sim sim = Sim.of(drain(", frame: {max_rows: 2, row_concurrency: 2}", "")).start();
    assertThat(query(sim)).isEqualTo("take 2 of frame 0");

    sim.report("start", rows(1, 2));
    assertThat(running(sim)).containsExactly(0, 1);
    assertThat(sim.contextOf("start").get("input"))
        .isIn(Map.of("id", 1L, "at", "0 of 2 in 0"), Map.of("id", 2L, "at", "1 of 2 in 0"));
    report(sim, 1, Outcome.success(2L));
    assertThat(running(sim)).as("the next claim waits for the whole frame").containsExactly(0);
    report(sim, 0, Outcome.success(1L));
    assertThat(query(sim)).isEqualTo("take 2 of frame 1");

    sim.report("start", rows(3));
    assertThat(running(sim)).containsExactly(2);
    assertThat(sim.contextOf("start").get("input"))
        .isEqualTo(Map.of("id", 3L, "at", "0 of 1 in 1"));
    report(sim, 2, Outcome.soft(null, Errors.of("python", "PY_ValueError", "boom", false)));
    sim.report("start", rows());

    Map<String, @Nullable Object> value = new LinkedHashMap<>();
    value.put("cursor", "drained");
    value.put("frames", 2L);
    value.put("stats", Map.of("total", 3L, "success", 2L, "failed", 1L));
    value.put("results", List.of());
    assertThat(sim.data("start")).isEqualTo(value);
    assertThat(((Map<?, ?>) sim.data("end")).get("n")).isEqualTo(0L);
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  void rule12_7_rowsOfAFrameRunOneByOneUnlessRowConcurrencySaysMore() {
    Sim sim = Sim.of(drain(", frame: {max_rows: 3}", "")).start();

    sim.report("start", rows(1, 2, 3));

    assertThat(running(sim)).containsExactly(0);
    report(sim, 0, Outcome.success(null));
    assertThat(running(sim)).containsExactly(1);
  }

  @Test
  void rule12_7_processFrameRunsTheBodyOncePerFrame() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    loop:
                      cursor: {claim: "take"}
                      iterator: batch
                      spec: {mode: cursor, process: frame, frame: {max_rows: 10}}
                    tool: {kind: python, input: {n: "{{ batch | length }}"}, code: "result = n"}
                """)
            .start();

    sim.report("start", rows(1, 2, 3));

    assertThat(running(sim)).containsExactly(0);
    assertThat(sim.contextOf("start").get("input")).isEqualTo(Map.of("n", 3L));
    report(sim, 0, Outcome.success(3L));
    sim.report("start", rows());
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  void rule12_7_aClaimThatFailsFailsTheStep() {
    Sim sim = Sim.of(drain("", "")).start();

    sim.hardError("start");

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.error()).contains("Failed steps: start").contains("refused");
  }

  @Test
  void rule12_7_aClaimWithoutRowsToReturnFailsTheStepAndSaysWhatToWrite() {
    Sim sim = Sim.of(drain("", "")).start();

    sim.done("start", Map.of("affected_rows", 3L, "row_count", 3L));

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.error()).contains("end it with RETURNING");
  }

  @Test
  void rule12_7_aHardErrorOfTheBodyEndsTheLoopWhenItsFrameHasEnded() {
    Sim sim = Sim.of(drain(", frame: {max_rows: 2, row_concurrency: 2}", "")).start();
    sim.report("start", rows(1, 2));

    report(sim, 0, Outcome.hard(Errors.of("connection", "CONN_REFUSED", "refused", true)));
    assertThat(running(sim)).containsExactly(1);
    report(sim, 1, Outcome.success(2L));

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
  }

  @Test
  void rule12_7_onErrorContinueCountsAHardErrorAndGoesOn() {
    Sim sim = Sim.of(drain("", "spec: {on_error: continue}")).start();
    sim.report("start", rows(1));

    report(sim, 0, Outcome.hard(Errors.of("connection", "CONN_REFUSED", "refused", true)));
    sim.report("start", rows());

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(((Map<?, ?>) sim.data("start")).get("stats"))
        .isEqualTo(Map.of("total", 1L, "success", 0L, "failed", 1L));
  }

  @Test
  void rule17_aClaimThatNeverDrainsIsBounded() {
    Sim sim = Sim.of(drain("", "")).start();
    for (int frame = 0; frame < Sim.CURSOR_FRAMES; frame++) {
      sim.report("start", rows(1));
      report(sim, frame, Outcome.success(null));
    }

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.error()).contains("playbook.cursor-frames");
  }

  @Test
  void rule12_7_optionsThatAreNoNumberFailTheStep() {
    Sim sim = Sim.of(drain(", frame: {max_rows: \"{{ 'many' }}\"}", "")).start();

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.error()).contains("frame.max_rows must be a number from 1");
  }
}
