package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.execution.DryRun.Book;
import io.noetl.execution.DryRun.Ending;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a dry run foresees, and what it refuses to foresee. */
final class DryRunTest {
  private final DryRun dryRun = new DryRun();

  @AfterEach
  void close() {
    dryRun.close();
  }

  @Test
  void foreseesWhatToolsAndChildrenComeTo() throws Exception {
    dryRun.add(
        new Book(
            "t/child",
            """
            workflow:
              - {step: start, tool: {kind: python, code: "raise ValueError('boom')"}}
            """));

    Ending ending =
        dryRun.foresee(
            new Book(
                "t/parent",
                """
                workflow:
                  - step: start
                    tool: {kind: python, input: {n: "{{ n }}"}, code: "result = {'v': n + 1}"}
                    next: child
                  - step: child
                    tool: {kind: playbook, path: t/child, return_step: start}
                    next: {arcs: [{step: end, when: "{{ event.name == 'call.error' }}"}]}
                  - {step: end, tool: {kind: noop, result: {v: "{{ start.v }}"}}}
                """),
            Map.of("n", 2L));

    assertThat(ending).isNotNull();
    assertThat(ending.status().name()).isEqualTo("COMPLETED");
    assertThat(ending.result()).isEqualTo("{\"v\":3}");
    assertThat(ending.steps().get("child"))
        .startsWith("1 runs, 0 skips, error: PLAYBOOK_FAILED")
        .contains("child playbook t/child (ID): Failed steps: start");
  }

  @Test
  void refusesWhatDependsOnTheOrderOfBranches() throws Exception {
    assertThat(
            dryRun.foresee(
                new Book(
                    "t/race",
                    """
                    workflow:
                      - {step: start, tool: {kind: noop}, next: [a, b]}
                      - {step: a, tool: {kind: python, code: "result = 1"}, set: {ctx.last: a}, next: c}
                      - {step: b, tool: {kind: python, code: "result = 2"}, set: {ctx.last: b}, next: c}
                      - {step: c, tool: {kind: noop, result: {last: "{{ ctx.last }}"}}}
                    """),
                Map.of()))
        .isNull();
  }
}
