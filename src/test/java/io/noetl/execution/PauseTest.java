package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.playbook.value.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pause and resume: nothing new starts, what runs may finish, and nothing is lost. */
final class PauseTest {
  private static final String CHAIN =
      """
      workflow:
        - {step: start, tool: {kind: python, code: "x"}, next: b}
        - {step: b, tool: {kind: python, code: "x"}}
      """;

  private static final String LOOP =
      """
      workflow:
        - step: start
          loop: {in: 5, iterator: it, spec: {mode: parallel, max_in_flight: 2}}
          tool: {kind: python, code: "x"}
          next: end
        - {step: end, tool: {kind: noop}}
      """;

  private static Sim paused(String playbook) {
    Sim sim = Sim.of(playbook).start();
    sim.accept(new ExecutionIntent.Pause("night"));
    return sim;
  }

  private static void resume(Sim sim) {
    sim.accept(new ExecutionIntent.Unpause("morning"));
  }

  @Test
  void aRunningCommandReportsAndTheNextStepStartsAfterTheResume() {
    Sim sim = paused(CHAIN);
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.PAUSED);

    sim.done("start", 1L);

    assertThat(sim.open()).isEmpty();
    assertThat(sim.data("start")).isEqualTo(1L);
    resume(sim);
    assertThat(sim.open()).containsExactly("b");
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.RUNNING);
  }

  @Test
  void theEndWaitsForTheResume() {
    Sim sim = Sim.of(CHAIN).start().done("start", 1L);
    sim.accept(new ExecutionIntent.Pause("night"));

    sim.done("b", 2L);

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.PAUSED);
    resume(sim);
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  void aFailureEndsTheExecutionOnlyAfterTheResume() {
    Sim sim = paused(CHAIN).hardError("start");

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.PAUSED);
    resume(sim);
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
  }

  @Test
  void aLoopStartsNoIterationUntilTheResume() {
    Sim sim = paused(LOOP);
    for (ExecutionState.OpenCommand command : sim.state.commands().values()) {
      sim.accept(Sim.reportOf(command.commandId(), Outcome.success(1L)));
    }
    assertThat(sim.open()).isEmpty();

    resume(sim);

    assertThat(sim.open()).hasSize(2);
    while (!sim.state.status().terminal()) {
      sim.done("start", 1L);
    }
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(sim.types()).filteredOn("IterationFinished"::equals).hasSize(5);
  }

  @Test
  void aWaitEndsDuringThePauseAndItsStepIsFollowedAfterIt() {
    Sim sim =
        paused(
            """
            workflow:
              - {step: start, tool: {kind: playbook, path: p/c, return_step: end}, next: b}
              - {step: b, tool: {kind: python, code: "x"}}
            """);

    sim.resume("start", Outcome.success(Map.of("v", 1L)));

    assertThat(sim.open()).isEmpty();
    resume(sim);
    assertThat(sim.open()).containsExactly("b");
  }

  @Test
  void twiceIsOnce() {
    Sim sim = paused(CHAIN);

    assertThat(sim.accept(new ExecutionIntent.Pause("again")).events()).isEmpty();
    resume(sim);
    assertThat(sim.accept(new ExecutionIntent.Unpause("again")).events()).isEmpty();
    assertThat(sim.types()).containsExactly("Started", "CommandIssued", "Paused", "Resumed");
  }

  @Test
  void aPausedExecutionIsCancelledOrEndedByHand() {
    Sim cancelled = paused(CHAIN);
    assertThat(cancelled.accept(new ExecutionIntent.Cancel("enough")).settled()).hasSize(1);
    assertThat(cancelled.state.status()).isEqualTo(ExecutionStatus.CANCELLED);

    Sim ended = paused(CHAIN);
    ended.accept(new ExecutionIntent.Finalize(ExecutionStatus.COMPLETED, "by hand"));
    assertThat(ended.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(ended.reject(new ExecutionIntent.Pause("late")).reason())
        .isEqualTo(Rejection.ALREADY_TERMINAL);
  }
}
