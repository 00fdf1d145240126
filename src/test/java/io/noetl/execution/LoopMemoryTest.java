package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.journal.EventCodec;
import io.noetl.json.Json;
import io.noetl.playbook.value.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a long loop leaves in memory and in each event does not grow with its length. */
final class LoopMemoryTest {
  private static final int ITEMS = 2_000;

  /** What a state holds, as text: every value that is reachable from it, once. */
  private static int size(Sim sim) {
    return sim.state.toString().length();
  }

  private static Sim loop(String mode) {
    return Sim.of(
            """
            workflow:
              - step: start
                loop: {in: %d, iterator: i, spec: {mode: %s, max_in_flight: 16}}
                tool: {kind: python, input: {i: "{{ iter.i }}"}, code: "y"}
                next: after
              - {step: after, tool: {kind: python, code: "z"}}
            """
                .formatted(ITEMS, mode))
        .start();
  }

  @Test
  void stateAndEventsStayAsSmallWhateverTheResults() {
    for (String mode : new String[] {"sequential", "parallel"}) {
      Sim sim = loop(mode);
      int early = 0;
      int largestEvent = 0;
      for (int i = 0; i < ITEMS; i++) {
        int before = sim.log.size();
        sim.quickly(
            Sim.reportOf(
                sim.open("start").commandId(),
                Outcome.success(Map.of("i", (long) i, "pad", "x".repeat(10_000)))));
        for (StoredEvent event : sim.log.subList(before, sim.log.size())) {
          largestEvent =
              Math.max(largestEvent, Json.bytes(EventCodec.encode(event.event())).length);
        }
        if (i == 50) {
          early = size(sim);
        }
        if (i > 50) {
          assertThat(size(sim)).as("state after %d iterations", i).isLessThan(early + 500);
        }
      }
      assertThat(largestEvent).isLessThan(11_000);
      assertThat(sim.data.asked).as("data that was asked for").isEmpty();
      assertThat(sim.open()).containsExactly("after");
      assertThat(size(sim)).as("state after the loop").isLessThan(3_000);

      sim.done("after", null);
      assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
      assertThat(ExecutionState.replay(77, sim.log)).isEqualTo(sim.state);
      assertThat(((Map<?, ?>) sim.data("start")).get("count")).isEqualTo((long) ITEMS);
    }
  }
}
