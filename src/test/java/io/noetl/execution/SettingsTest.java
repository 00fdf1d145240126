package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionSettings.SoftErrors;
import io.noetl.language.Rule;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Settings that alter what a playbook means: an execution keeps those of its start. */
class SettingsTest {
  private static final String UNHANDLED =
      """
      workflow:
        - {step: start, tool: {kind: python, code: x}}
      """;
  private static final String HANDLED =
      """
      workflow:
        - {step: start, tool: {kind: python, code: x}, next: {arcs: [{step: after, when: "{{ start.status == 'error' }}"}]}}
        - {step: after, tool: {kind: noop}}
      """;

  private static ExecutionSettings softErrors(SoftErrors softErrors) {
    return new ExecutionSettings(softErrors, true, 32, false);
  }

  private static Sim failing(String playbook, SoftErrors softErrors) {
    return Sim.of(playbook).start(Map.of(), softErrors(softErrors)).softError("start");
  }

  @Test
  @Rule({"21.1", "14.3"})
  void softErrorsAreRoutedOrCountAsHardOrAreIgnored() {
    assertThat(failing(UNHANDLED, SoftErrors.ROUTE).state.status())
        .isEqualTo(ExecutionStatus.FAILED);
    assertThat(failing(HANDLED, SoftErrors.ROUTE).state.status())
        .isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(failing(HANDLED, SoftErrors.FAIL).state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(failing(UNHANDLED, SoftErrors.IGNORE).state.status())
        .isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  @Rule({"21.4", "7.2"})
  void textStaysTextWithoutRetyping() {
    Sim sim =
        Sim.of(
                """
                workload: {s: "12"}
                workflow:
                  - {step: start, tool: {kind: noop, result: {s: "{{ s }}"}}, next: code}
                  - {step: code, tool: {kind: python, input: {s: "{{ s }}"}, code: result = s}}
                """)
            .start(Map.of(), new ExecutionSettings(SoftErrors.ROUTE, false, 32, false));

    assertThat(sim.data("start")).isEqualTo(Map.of("s", "12"));
    assertThat(sim.contextOf("code"))
        .containsEntry("input", Map.of("s", "12"))
        .containsEntry("retype_strings", false);
  }

  @Test
  @Rule({"21.6", "12.2"})
  void parallelLoopsThatAskForNothingRunTheSettingsNumberAtOnce() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, loop: {in: 10, mode: parallel}, tool: {kind: python, code: x}}
                """)
            .start(Map.of(), new ExecutionSettings(SoftErrors.ROUTE, true, 3, false));

    assertThat(sim.state.commands()).hasSize(3);
  }

  @Test
  @Rule({"21.7", "3.2"})
  void mapsOfThePayloadMayBeMergedAllTheWayDown() {
    String playbook =
        """
        workload: {cfg: {a: 1, b: {c: "{{ x }}", d: 2}, list: [1]}, x: lazy}
        workflow:
          - {step: start, tool: {kind: noop, result: "{{ cfg }}"}}
        """;
    Map<String, @Nullable Object> payload = new LinkedHashMap<>();
    payload.put("cfg", Map.of("a", "{{ x }}", "b", Map.of("d", 3L), "list", java.util.List.of()));

    Sim sim =
        Sim.of(playbook).start(payload, new ExecutionSettings(SoftErrors.ROUTE, true, 32, true));

    assertThat(sim.data("start"))
        .isEqualTo(
            Map.of("a", "{{ x }}", "b", Map.of("c", "lazy", "d", 3L), "list", java.util.List.of()));
    assertThat(Sim.of(playbook).start(payload).data("start")).isEqualTo(payload.get("cfg"));
  }

  @Test
  @Rule("21")
  void whatAnExecutionWasStartedWithIsInItsFirstEvent() {
    ExecutionSettings settings = new ExecutionSettings(SoftErrors.IGNORE, false, 7, true);

    Sim sim = Sim.of(UNHANDLED).start(Map.of(), settings);

    assertThat(ExecutionState.replay(77, sim.log).begun().settings()).isEqualTo(settings);
  }
}
