package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.json.Json;
import io.noetl.json.Weight;
import io.noetl.language.Rule;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.OutputOptions;
import io.noetl.playbook.value.References;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Section 15 in the core: it asks for data when a template touches it, and never otherwise. */
@Rule({"15", "21.5"})
final class StoredDataTest {
  private static final String URI = "noetl://execution/77/result/start/5";

  private static Map<String, @Nullable Object> data() {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("n", 3L);
    data.put("rows", List.of("a".repeat(40_000), "b".repeat(40_000), "c"));
    return data;
  }

  /** A success whose data is stored out of line, as a worker reports it. */
  private static Outcome elsewhere(Sim sim, Map<String, @Nullable Object> data) {
    sim.data.stored.put(URI, Json.bytes(data));
    Map<String, @Nullable Object> reference = new LinkedHashMap<>();
    reference.put("uri", URI);
    reference.put("store", "db");
    reference.put("bytes", (long) Json.bytes(data).length);
    return References.with(
        Outcome.success(null), null, OutputOptions.NONE.described(reference, data));
  }

  private static Sim reported(String rest) {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: python, code: "x"}
                """
                    + rest)
            .start();
    sim.report("start", elsewhere(sim, data()));
    return sim;
  }

  @Test
  void guardsOnTheEventAndOnSmallMembersNeedNoData() {
    Sim sim =
        reported(
            """
                next:
                  arcs:
                    - {step: a, when: "{{ event.name == 'call.done' and output.n == 3 }}", set: {k: "{{ start.n }}", r: "{{ output.ref }}", d: "{{ start._ref is defined }}"}}
              - {step: a, tool: {kind: python, code: "y"}}
            """);

    assertThat(sim.data.asked).isEmpty();
    assertThat(sim.open()).containsExactly("a");
    assertThat(sim.state.ctx())
        .containsEntry("k", 3L)
        .containsEntry("r", URI)
        .containsEntry("d", true);
  }

  @Test
  void aGuardThatTouchesTheDataEndsTheDecisionUntilItIsHandedIn() {
    String rest =
        """
            next: {arcs: [{step: a, when: "{{ output.rows[2] == 'c' }}"}]}
          - {step: a, tool: {kind: python, code: "y"}}
        """;
    Sim sim =
        Sim.of("workflow:\n  - step: start\n    tool: {kind: python, code: \"x\"}\n" + rest)
            .start();
    Outcome outcome = elsewhere(sim, data());
    ExecutionIntent report = Sim.reportOf(sim.open("start").commandId(), outcome);

    assertThat(sim.decideWith(report, KnownData.NONE)).isEqualTo(new Decision.NeedsData(URI));
    sim.accept(report);

    assertThat(sim.open()).containsExactly("a");
    assertThat(ExecutionState.replay(77, sim.log)).isEqualTo(sim.state);
  }

  @Test
  void dataThatCannotBeHadFailsTheTemplateThatTouchesIt() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: python, code: "x"}
                    next: {arcs: [{step: a, when: "{{ output.rows | length == 3 }}"}]}
                  - {step: a, tool: {kind: python, code: "y"}}
                """)
            .start();
    Outcome outcome = elsewhere(sim, data());
    Decision decision =
        sim.decideWith(
            Sim.reportOf(sim.open("start").commandId(), outcome),
            uri -> new KnownData.Missing("the time of " + uri + " is over"));

    assertThat(((Decision.Accepted) decision).state().status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(((Decision.Accepted) decision).state().error()).contains("is over");
  }

  @Test
  void inputsAndFieldsThatTouchTheDataAreLeftToTheWorker() {
    Sim sim =
        reported(
            """
                next: a
              - step: a
                tool:
                  kind: python
                  input: {rows: "{{ start.rows }}", n: "{{ start.n }}"}
                  code: "result = '{{ start.rows | length }}'"
                  libs: "{{ start.n }}"
            """);
    Map<String, @Nullable Object> context = sim.contextOf("a");

    assertThat(sim.data.asked).isEmpty();
    assertThat(context.get("input")).isEqualTo(Map.of("n", 3L, "rows", "{{ start.rows }}"));
    assertThat(context.get("deferred")).isEqualTo(List.of("rows"));
    assertThat(context.get("rendered"))
        .isEqualTo(Map.of("libs", 3L, "code", "result = '{{ start.rows | length }}'"));
    assertThat(((Map<?, ?>) context.get("steps")).containsKey("start")).isTrue();
    assertThat(Weight.of(context)).isLessThan(5_000);
  }

  @Test
  void aDefaultThatReadsTheDataIsRenderedHere() {
    Sim sim =
        Sim.of(
                """
                workload: {last: "{{ start.rows[2] }}"}
                workflow:
                  - step: start
                    tool: {kind: python, code: "x"}
                    next: a
                  - step: a
                    tool: {kind: python, input: {l: "{{ last }}"}, code: "result = workload['last']"}
                """)
            .start();
    sim.report("start", elsewhere(sim, data()));

    Map<String, @Nullable Object> context = sim.contextOf("a");
    assertThat(context.get("workload")).isEqualTo(Map.of("last", "c"));
    assertThat(Weight.of(context)).isLessThan(5_000);
  }

  @Test
  void aNonMapInputThatTouchesTheDataIsRenderedHere() {
    Sim sim =
        reported(
            """
                next: a
              - {step: a, tool: {kind: python, input: "{{ start.rows }}", code: "result = 1"}}
            """);

    assertThat((List<?>) sim.contextOf("a").get("input")).hasSize(3);
  }

  @Test
  void aVariableThatIsLargeIsStoredAndReadAsIfItWereNot() {
    Sim sim =
        reported(
            """
                set: {all: "{{ output.data }}", n: "{{ output.n }}"}
                next: a
              - step: a
                tool: {kind: python, code: "y"}
                set: {ctx.all.extra: 1}
                next: end
              - step: end
                tool: {kind: noop, result: {last: "{{ all.rows[-1] }}", extra: "{{ ctx.all.extra }}", n: "{{ ctx.n }}"}}
            """);
    assertThat(References.ofMarked(sim.state.ctx().get("all"))).isNotNull();
    assertThat(Weight.of(sim.state.ctx().get("all"))).isLessThan(3_000);

    sim.done("a", null);

    assertThat(sim.data("end")).isEqualTo(Map.of("last", "c", "extra", 1L, "n", 3L));
  }

  @Test
  void aRoutingStepThatPassesLargeDataOnIsStoredToo() {
    Sim sim =
        reported(
            """
                next: end
              - {step: end, tool: {kind: noop, result: "{{ start.rows }}"}}
            """);

    Outcome end = sim.state.step("end").outcome();
    assertThat(end).isNotNull();
    assertThat(References.elsewhere(end)).isTrue();
    assertThat(sim.data("end")).isEqualTo(data().get("rows"));
    assertThat(sim.state.result()).isEqualTo(end.reference());
  }

  @Test
  void itemsThatAreTooManyForAnEventGoIntoPages() {
    Map<String, @Nullable Object> rows = new LinkedHashMap<>();
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      items.add(Map.of("id", (long) i, "pad", "p".repeat(200)));
    }
    rows.put("rows", items);
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: python, code: "x"}
                    next: each
                  - step: each
                    loop: {in: "{{ start.rows }}", iterator: row}
                    tool: {kind: python, input: {id: "{{ iter.row.id }}"}, code: "y"}
                """)
            .start();
    sim.report("start", elsewhere(sim, rows));

    LoopRun run = sim.state.loops().get("each");
    assertThat(run).isNotNull();
    assertThat(run.items()).isInstanceOf(LoopItems.Paged.class);
    for (int i = 0; i < 1_000; i++) {
      assertThat(sim.contextOf("each").get("input")).isEqualTo(Map.of("id", (long) i));
      sim.quickly(Sim.reportOf(sim.open("each").commandId(), Outcome.success(null)));
    }
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(ExecutionState.replay(77, sim.log)).isEqualTo(sim.state);
  }
}
