package io.noetl.execution;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The runs whose logs a version leaves behind when it is released: together they contain every
 * event, and every way to an end. What they do is fixed; a new event gets a new run.
 */
final class GoldenRuns {
  private GoldenRuns() {}

  static Map<String, Sim> all() {
    Map<String, Sim> runs = new LinkedHashMap<>();
    runs.put("chain", chain());
    runs.put("branches-and-join", branches());
    runs.put("back-edge", backEdge());
    runs.put("step-skipped", skipped());
    runs.put("soft-error-handled", softError());
    runs.put("failed", failed());
    runs.put("cancelled", cancelled());
    runs.put("finalized", finalized());
    runs.put("lease-expired", leaseExpired());
    runs.put("loop-in-parallel", loop());
    runs.put("loop-over-a-cursor", cursor());
    runs.put("child", child());
    runs.put("child-that-timed-out", lateChild());
    runs.put("still-running", stillRunning());
    runs.put("paused-and-signalled", signalled());
    runs.put("forked", forked());
    return runs;
  }

  /** A signal before its wait, a pause while a command runs, and a timer. */
  private static Sim signalled() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: python, code: "x"}, next: ask}
                  - {step: ask, tool: {kind: wait, signal: "approve"}, next: again}
                  - {step: again, tool: {kind: wait, signal: "approve", timeout: 1h}, next: nap}
                  - {step: nap, tool: {kind: wait, seconds: 1.5}}
                """)
            .start();
    sim.accept(new ExecutionIntent.Signal("approve", Map.of("by", "ada"), "k1"));
    sim.accept(new ExecutionIntent.Pause("paused by ada"));
    sim.done("start", 1L);
    sim.accept(new ExecutionIntent.Unpause("resumed by ada"));
    sim.accept(new ExecutionIntent.Signal("approve", null, null));
    sim.accept(new ExecutionIntent.ExpireWait(sim.waiting("nap").waitId()));
    return sim;
  }

  private static Sim forked() {
    Sim failed = Sim.of(TWO_STEPS).start();
    ExecutionState cut = failed.state;
    Sim fork = Sim.like(failed);
    fork.accept(
        new ExecutionIntent.Fork(
            5,
            "spec/t",
            1,
            Map.of("n", 2L),
            List.of("n"),
            null,
            ExecutionSettings.DEFAULT,
            new ExecutionEvent.Origin(76, cut.seq(), 75),
            Forks.cut(cut).with(Map.of("set", "before"))));
    return fork.done("start", 1L);
  }

  private static Sim chain() {
    return Sim.of(
            """
            workload: {who: Ada, nested: {z: 1, a: [1.5, null, true]}}
            workflow:
              - step: start
                tool: {kind: http, url: "http://localhost/{{ who }}"}
                set: {ctx.greeting: "{{ output.data.text }}", ctx.deep.er: "{{ nested }}"}
                next: work
              - {step: work, tool: {kind: python, input: {g: "{{ ctx.greeting }}"}, code: "result = g"}, next: end}
              - {step: end, tool: {kind: noop, result: {said: "{{ work }}", all: "{{ ctx.deep }}"}}}
            """)
        .start(Map.of("who", "Grace"))
        .done("start", Map.of("text", "hi"))
        .done("work", "hi \u00e9\ud83d\ude00");
  }

  private static Sim branches() {
    return Sim.of(
            """
            workflow:
              - step: start
                tool: {kind: noop, result: 3}
                next:
                  spec: {mode: inclusive}
                  arcs:
                    - {step: left, when: "{{ output.data > 2 }}"}
                    - {step: right}
                    - {step: never, when: "{{ output.data > 9 }}"}
              - {step: left, tool: {kind: python, code: "x"}, next: join}
              - {step: right, tool: {kind: python, code: "x"}, next: join}
              - {step: never, tool: {kind: python, code: "x"}, next: join}
              - step: join
                when: "{{ left is defined and right is defined }}"
                tool: {kind: noop, result: {sum: "{{ left + right }}"}}
            """)
        .start()
        .done("right", 2L)
        .done("left", 40L);
  }

  private static Sim backEdge() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: python, input: {page: "{{ ctx.page | default(1) }}"}, code: "x"}
                    set: {ctx.page: "{{ (ctx.page | default(1)) + 1 }}"}
                    next:
                      arcs:
                        - {step: start, when: "{{ output.data.more }}"}
                        - {step: end}
                  - {step: end, tool: {kind: noop, result: {pages: "{{ ctx.page }}"}}}
                """)
            .start();
    return sim.done("start", Map.of("more", true))
        .done("start", Map.of("more", true))
        .done("start", Map.of("more", false));
  }

  private static Sim skipped() {
    return Sim.of(
            """
            workflow:
              - {step: start, tool: {kind: noop}, next: optional}
              - {step: optional, when: "{{ false }}", tool: {kind: python, code: "x"}, next: end}
              - {step: end, tool: {kind: noop, result: "{{ optional is defined }}"}}
            """)
        .start();
  }

  private static Sim softError() {
    return Sim.of(
            """
            workflow:
              - step: start
                tool: {kind: python, code: "x"}
                next:
                  arcs:
                    - {step: mend, when: "{{ event.name == 'call.error' }}"}
                    - {step: end}
              - {step: mend, tool: {kind: noop, result: "{{ start.error.kind }}"}, next: end}
              - {step: end, tool: {kind: noop}}
            """)
        .start()
        .softError("start");
  }

  private static Sim failed() {
    return Sim.of(
            """
            workflow:
              - {step: start, tool: {kind: http, url: "http://localhost/"}, next: end}
              - {step: end, tool: {kind: noop}}
            """)
        .start()
        .hardError("start");
  }

  private static final String TWO_STEPS =
      """
      workflow:
        - {step: start, tool: {kind: python, code: "x"}, next: end}
        - {step: end, tool: {kind: python, code: "x"}}
      """;

  private static Sim cancelled() {
    Sim sim = Sim.of(TWO_STEPS).start().done("start", 1L);
    sim.accept(new ExecutionIntent.Cancel("not needed any more"));
    return sim;
  }

  private static Sim finalized() {
    Sim sim = Sim.of(TWO_STEPS).start();
    sim.accept(new ExecutionIntent.Finalize(ExecutionStatus.FAILED, "ended by hand"));
    return sim;
  }

  private static Sim leaseExpired() {
    Sim sim = Sim.of(TWO_STEPS).start();
    long command = sim.open("start").commandId();
    sim.accept(new ExecutionIntent.ExpireLease(command, 1, 2, 1, "w1"));
    sim.accept(new ExecutionIntent.ExpireLease(command, 2, 2, 2, "w2"));
    return sim;
  }

  private static Sim loop() {
    Sim sim =
        Sim.of(
                """
                workload: {list: [a, b, c]}
                workflow:
                  - step: start
                    loop: {in: "{{ workload.list }}", iterator: x, spec: {mode: parallel, max_in_flight: 2}}
                    tool: {kind: python, input: {x: "{{ iter.x }}"}, code: "result = x"}
                    next: numbers
                  - step: numbers
                    loop: {in: 2, iterator: i}
                    tool: {kind: noop, result: "{{ i }}"}
                    next: end
                  - {step: end, tool: {kind: noop, result: {stats: "{{ start.stats }}"}}}
                """)
            .start();
    iteration(sim, 1, Outcome.success("B"));
    iteration(sim, 0, Outcome.success("A"));
    iteration(sim, 2, Outcome.soft(null, Errors.of("python", "PY_ValueError", "boom", false)));
    return sim;
  }

  private static Sim cursor() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    loop:
                      cursor: {kind: postgres, auth: pg, claim: "take {{ __frame_max_rows }}"}
                      iterator: row
                      spec: {mode: cursor, frame: {max_rows: 2}}
                    tool: {kind: python, input: {id: "{{ iter.row.id }}"}, code: "result = id"}
                """)
            .start();
    sim.report("start", rows(7L, 8L));
    iteration(sim, 0, Outcome.success(7L));
    iteration(sim, 1, Outcome.success(8L));
    sim.report("start", rows());
    return sim;
  }

  private static final String PARENT =
      """
      workflow:
        - step: start
          tool: {kind: playbook, path: p/c, return_step: end, input: {n: 1}}
          next:
            arcs:
              - {step: late, when: "{{ event.name == 'call.error' }}"}
              - {step: end}
        - {step: late, tool: {kind: noop, result: late}}
        - {step: end, tool: {kind: noop, result: "{{ start }}"}}
      """;

  private static Sim child() {
    return Sim.of(PARENT).start().resume("start", Outcome.success(Map.of("from", "the child")));
  }

  private static Sim lateChild() {
    Sim sim = Sim.of(PARENT).start();
    sim.accept(new ExecutionIntent.ExpireWait(sim.waiting("start").waitId()));
    return sim;
  }

  /** A log without an end: servers of a later version go on with executions of this one. */
  private static Sim stillRunning() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: noop}
                    next: {spec: {mode: inclusive}, arcs: [{step: call}, {step: each}, {step: sub}]}
                  - {step: call, tool: {kind: python, code: "x"}}
                  - step: each
                    loop: {in: 3, iterator: i, spec: {mode: parallel, max_in_flight: 2}}
                    tool: {kind: python, input: {i: "{{ iter.i }}"}, code: "x"}
                  - {step: sub, tool: {kind: playbook, path: p/c}}
                """)
            .start();
    sim.accept(
        new ExecutionIntent.Record(
            List.of(new ExecutionEvent.Recorded("progress", Map.of("percent", 5L), null, null))));
    iteration(sim, 1, Outcome.success(1L));
    return sim;
  }

  private static void iteration(Sim sim, int iteration, Outcome outcome) {
    long command =
        sim.state.commands().values().stream()
            .filter(open -> Integer.valueOf(iteration).equals(open.iteration()))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no open iteration " + iteration))
            .commandId();
    sim.accept(Sim.reportOf(command, outcome));
  }

  private static Outcome rows(Long... ids) {
    List<Map<String, Long>> rows = Arrays.stream(ids).map(id -> Map.of("id", id)).toList();
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("columns", List.of("id"));
    data.put("rows", rows);
    data.put("row_count", (long) rows.size());
    return Outcome.success(data).withShape(Outcome.Shape.ROWS);
  }
}
