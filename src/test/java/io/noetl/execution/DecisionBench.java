package io.noetl.execution;

import io.noetl.playbook.value.Outcome;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a decision and the fold of its events cost, without database, bus and worker. {@code ./noetl
 * jmh DecisionBench} runs it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecisionBench {

  /** A chain of three steps, each of which asks a worker, with a guard on each arc. */
  @State(Scope.Thread)
  public static class Chain {
    private static final String BODY =
        """
        workload: {n: 5, name: Ada}
        workflow:
          - step: start
            tool: {kind: python, input: {n: "{{ workload.n }}"}, code: "result = n"}
            next: {arcs: [{step: middle, when: "{{ output.status == 'ok' }}"}]}
          - step: middle
            tool: {kind: python, input: {n: "{{ start + 1 }}"}, code: "result = n"}
            next: {arcs: [{step: end, when: "{{ output.status == 'ok' }}"}]}
          - step: end
            tool: {kind: python, input: {n: "{{ middle }}"}, code: "result = n"}
        """;

    private final Sim unborn = Sim.of(BODY);
    private final Sim inTheMiddle = Sim.of(BODY).start().done("start", 5L);
    private final Sim atTheEnd = Sim.of(BODY).start().done("start", 5L).done("middle", 6L);
    private final ExecutionIntent start =
        new ExecutionIntent.Start(
            5, "spec/t", 1, Map.of(), null, null, null, ExecutionSettings.DEFAULT);
    private final ExecutionIntent middleDone = done(inTheMiddle, "middle");
    private final ExecutionIntent endDone = done(atTheEnd, "end");
    private final List<StoredEvent> ofTheMiddle = accepted(inTheMiddle, middleDone).events();

    private static ExecutionIntent done(Sim sim, String step) {
      return Sim.reportOf(sim.open(step).commandId(), Outcome.success(6L));
    }
  }

  /** Half of a loop is done, eight of its iterations are at workers. */
  @State(Scope.Thread)
  public static class Loop {
    @Param({"100", "1000", "10000"})
    private int iterations;

    private Sim half = Sim.of(body(0));
    private ExecutionIntent oneDone = new ExecutionIntent.Cancel("not set up");
    private List<StoredEvent> ofOne = List.of();
    private List<StoredEvent> wholeLog = List.of();

    private static String body(int iterations) {
      return """
      workflow:
        - step: start
          loop: {in: %d, iterator: i, spec: {mode: parallel, max_in_flight: 8}}
          tool: {kind: python, input: {n: "{{ iter.i }}"}, code: "result = n"}
      """
          .formatted(iterations);
    }

    /** Brings one execution to its half and another to its end. */
    @Setup
    public void run() {
      half = Sim.of(body(iterations)).start();
      for (int i = 0; i < iterations / 2; i++) {
        half.quickly(oldestDone(half));
      }
      oneDone = oldestDone(half);
      ofOne = accepted(half, oneDone).events();
      Sim whole = Sim.of(body(iterations)).start();
      while (!whole.state.status().terminal()) {
        whole.quickly(oldestDone(whole));
      }
      wholeLog = List.copyOf(whole.log);
    }

    private static ExecutionIntent oldestDone(Sim sim) {
      long oldest = sim.state.commands().keySet().stream().mapToLong(id -> id).min().orElseThrow();
      return Sim.reportOf(oldest, Outcome.success(5L));
    }
  }

  private static Decision.Accepted accepted(Sim sim, ExecutionIntent intent) {
    if (!(sim.decide(intent) instanceof Decision.Accepted accepted)) {
      throw new IllegalStateException("Expected " + intent + " to be accepted");
    }
    return accepted;
  }

  private static ExecutionState evolve(ExecutionState before, List<StoredEvent> events) {
    ExecutionState state = before;
    for (StoredEvent event : events) {
      state = state.evolve(event);
    }
    return state;
  }

  /** An execution begins, its first command is issued. */
  @Benchmark
  public Decision decideAStart(Chain chain) {
    return chain.unborn.decide(chain.start);
  }

  /** A step ends, its arc is taken, the command of the next is issued. */
  @Benchmark
  public Decision decideAReport(Chain chain) {
    return chain.inTheMiddle.decide(chain.middleDone);
  }

  /** The last step ends, and the execution with it. */
  @Benchmark
  public Decision decideTheEnd(Chain chain) {
    return chain.atTheEnd.decide(chain.endDone);
  }

  /** The events of {@link #decideAReport}. */
  @Benchmark
  public ExecutionState evolveAReport(Chain chain) {
    return evolve(chain.inTheMiddle.state, chain.ofTheMiddle);
  }

  /** One iteration ends, the command of another is issued. */
  @Benchmark
  public Decision decideAnIteration(Loop loop) {
    return loop.half.decide(loop.oneDone);
  }

  /** The events of {@link #decideAnIteration}. */
  @Benchmark
  public ExecutionState evolveAnIteration(Loop loop) {
    return evolve(loop.half.state, loop.ofOne);
  }

  /** The state of the ended loop from all of its events. */
  @Benchmark
  public ExecutionState replayTheLog(Loop loop) {
    return ExecutionState.replay(Sim.EXECUTION, loop.wholeLog);
  }
}
