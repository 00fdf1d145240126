package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.Awaited.Until;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Playbook steps: what the parent asks for, how it waits, and what the child comes to. */
final class WaitTest {
  private static final String CHILD =
      """
      workflow:
        - {step: start, tool: {kind: python, code: "x"}, next: work}
        - {step: work, tool: {kind: python, code: "x"}, next: end}
        - {step: end, tool: {kind: noop, result: {from: end}}}
      """;

  private static String parent(String tool) {
    return """
    workload: {who: Ada, list: [1, 2]}
    workflow:
      - step: start
        tool: {kind: playbook, %s}
        next:
          arcs:
            - {step: failed, when: "{{ event.name == 'call.error' }}"}
            - {step: done}
      - {step: done, tool: {kind: noop, result: {seen: "{{ start }}"}}}
      - {step: failed, tool: {kind: noop, result: "failed"}}
    """
        .formatted(tool);
  }

  private static Outcome outcomeOf(Until until, String step, Sim child) {
    return ChildOutcome.of(until, step, child.state, child.definition.playbook(), DataSource.NONE);
  }

  private static String message(Sim sim) {
    return String.valueOf(sim.state.step("start").outcome().error().get("message"));
  }

  private static Map<String, Object> map(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  @Test
  @DisplayName("6.4: a playbook step waits without a command, and the child's id is in its event")
  void aPlaybookStepWaitsWithoutACommandAndMintsItsChildsId() {
    Sim sim = Sim.of(parent("path: p/c, return_step: end, input: {w: \"{{ who }}\"}")).start();

    assertThat(sim.state.commands()).isEmpty();
    assertThat(sim.types()).containsExactly("Started", "WaitOpened");
    Awaited.Child child = sim.child("start");
    assertThat(child.path()).isEqualTo("p/c");
    assertThat(child.payload()).isEqualTo(Map.of("w", "Ada"));
    assertThat(child.until()).isEqualTo(Until.STEP);
    assertThat(child.step()).isEqualTo("end");
    assertThat(child.executionId()).isPositive().isNotEqualTo(sim.waiting("start").waitId());
    assertThat(sim.waiting("start").opened().timeout()).isEqualTo(Duration.ofSeconds(300));
  }

  @Test
  @DisplayName("9.9: a payload may be as large as the limit, and not a byte larger")
  void refusesAPayloadThatIsTooLarge() {
    String body = parent("path: p/c, return_step: end, input: {w: \"{{ who }}\"}");
    String most = "x".repeat(Sim.CHILD_PAYLOAD - "{\"w\":\"\"}".length());

    assertThat(Sim.of(body).start(map("who", most)).child("start").payload())
        .containsEntry("w", most);
    Sim over = Sim.of(body).start(map("who", most + "x"));

    assertThat(over.state.step("start").outcome().hard()).isTrue();
    assertThat(message(over))
        .isEqualTo(
            "Failed to start child playbook: Expected a payload of at most 100000 bytes as JSON"
                + " (playbook.child-payload), but it has 100001");
    assertThat(over.state.waits()).isEmpty();
  }

  @ParameterizedTest
  @DisplayName("9.9: a non-empty input wins, else payload (alias workload), else nothing")
  @CsvSource(
      delimiter = '|',
      value = {
        "input: {a: 1}, payload: {b: 2} | {a=1}",
        "input: {}, payload: {b: 2} | {b=2}",
        "args: {a: 1} | {a=1}",
        "workload: {b: 2} | {b=2}",
        "path: x | {}"
      })
  void choosesThePayload(String fields, String payload) {
    Sim sim = Sim.of(parent("path: p/c, " + fields.replace("path: x", "desc: x"))).start();

    assertThat(sim.child("start").payload()).hasToString(payload);
  }

  @ParameterizedTest
  @DisplayName("9.9: path, its alias name, or catalog_id; version a number, its text, or latest")
  @CsvSource(
      delimiter = '|',
      value = {
        "path: a/b | a/b | | ",
        "name: a/b | a/b | | ",
        "path: a/b, version: 3 | a/b | | 3",
        "path: a/b, version: '3' | a/b | | 3",
        "path: a/b, version: latest | a/b | | ",
        "catalog_id: '77' | | 77 | ",
        "catalog_id: 77 | | 77 | "
      })
  void namesTheChild(String fields, String path, Long id, Integer version) {
    Awaited.Child child = Sim.of(parent(fields)).start().child("start");

    assertThat(child.path()).isEqualTo(path);
    assertThat(child.catalogId()).isEqualTo(id);
    assertThat(child.version()).isEqualTo(version);
  }

  @ParameterizedTest
  @DisplayName("9: what cannot be understood is a hard error that names the field")
  @CsvSource(
      delimiter = '|',
      value = {
        "return_step: x | Invalid playbook config: missing field 'path'",
        "path: a, version: soon | Expected version to be 'latest' or a number from 1, but got soon",
        "catalog_id: abc | Expected catalog_id to be an id, but got abc",
        "path: a, payload: [1] | Expected the payload of the child to be a map",
        "path: a, return_step: x, timeout: '{{ who }}' | Expected timeout to be a number"
      })
  void refusesWhatItCannotUnderstand(String fields, String message) {
    Sim sim = Sim.of(parent(fields)).start();

    assertThat(sim.state.waits()).isEmpty();
    assertThat(sim.state.step("start").outcome().hard()).isTrue();
    assertThat(message(sim)).contains(message);
    assertThat(sim.state.result()).as("rescued by its arc").isEqualTo("failed");
  }

  @Test
  @DisplayName(
      "9.9: without return_step and return_result the step ends when the child has started")
  void goesOnWhenTheChildHasStarted() {
    Sim sim = Sim.of(parent("path: p/c")).start();
    Sim child = Sim.of(CHILD).start();
    assertThat(sim.child("start").until()).isEqualTo(Until.STARTED);
    assertThat(sim.waiting("start").opened().timeout()).isNull();

    sim.resume("start", outcomeOf(Until.STARTED, null, child));

    assertThat(sim.data("start"))
        .isEqualTo(map("status", "started", "execution_id", "77", "path", "spec/t", "async", true));
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  @DisplayName("9.9: return_step merges the value of that step over status, execution_id and path")
  void mergesTheReturnedStep() {
    Sim child =
        Sim.of(CHILD).start().done("start", null).done("work", map("status", "mine", "v", 1L));

    assertThat(outcomeOf(Until.STEP, "work", child).data())
        .isEqualTo(map("status", "mine", "v", 1L, "execution_id", "77", "path", "spec/t"));
    assertThat(outcomeOf(Until.STEP, "end", child).data())
        .isEqualTo(
            map("from", "end", "status", "COMPLETED", "execution_id", "77", "path", "spec/t"));
  }

  @Test
  @DisplayName("9.9: a returned step that did not run, or is no map, is under data")
  void putsAValueThatIsNoMapUnderData() {
    Sim child = Sim.of(CHILD).start().done("start", 5L).done("work", null);

    Map<String, Object> none =
        map("status", "COMPLETED", "execution_id", "77", "path", "spec/t", "data", null);
    assertThat(outcomeOf(Until.STEP, "nobody", child).data()).isEqualTo(none);
    none.put("data", 5L);
    assertThat(outcomeOf(Until.STEP, "start", child).data()).isEqualTo(none);
  }

  @Test
  @DisplayName("9.9, 14.1: with return_step a failed child is a soft error with its status")
  void aFailedChildIsSoftWithReturnStep() {
    Sim child = Sim.of(CHILD).start().hardError("start");

    Outcome outcome = outcomeOf(Until.STEP, "end", child);

    assertThat(outcome.hard()).isFalse();
    assertThat(outcome.data())
        .isEqualTo(
            map(
                "status",
                "FAILED",
                "execution_id",
                "77",
                "path",
                "spec/t",
                "error",
                "Failed steps: start: refused"));
    assertThat(outcome.error())
        .containsEntry("kind", "playbook")
        .containsEntry("code", "PLAYBOOK_FAILED")
        .containsEntry("retryable", false)
        .containsEntry("message", "child playbook spec/t (77): Failed steps: start: refused");
  }

  @Test
  @DisplayName("9.9: a cancelled child is a soft error with status CANCELLED")
  void aCancelledChildIsSoftWithReturnStep() {
    Sim child = Sim.of(CHILD).start();
    child.accept(new ExecutionIntent.Cancel("enough"));

    Outcome outcome = outcomeOf(Until.STEP, "end", child);

    assertThat(outcome.hard()).isFalse();
    assertThat((Map<?, ?>) outcome.data())
        .extracting("status", "error")
        .containsExactly("CANCELLED", "enough");
  }

  @Test
  @DisplayName("9.9: return_result is result_step, else the last step that worked, else the last")
  void takesTheResultOfTheLastStepThatWorked() {
    Sim child = Sim.of(CHILD).start().done("start", "first").done("work", "second");
    Sim routing =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: noop, result: a}, next: b}
                  - {step: b, tool: {kind: noop, result: b}}
                """)
            .start();

    assertThat(outcomeOf(Until.RESULT, null, child).data()).isEqualTo("second");
    assertThat(outcomeOf(Until.RESULT, "start", child).data()).isEqualTo("first");
    assertThat(outcomeOf(Until.RESULT, "nobody", child).data()).isEqualTo("second");
    assertThat(outcomeOf(Until.RESULT, null, routing).data()).isEqualTo("b");
  }

  @Test
  @DisplayName("9.9, 14.1: with return_result a failed child is a hard error")
  void aFailedChildIsHardWithReturnResult() {
    Sim sim = Sim.of(parent("path: p/c, return_result: true")).start();
    Sim child = Sim.of(CHILD).start().hardError("start");
    assertThat(sim.waiting("start").opened().timeout()).isEqualTo(Duration.ofSeconds(180));

    Outcome outcome = outcomeOf(Until.RESULT, null, child);
    sim.resume("start", outcome);

    assertThat(outcome.hard()).isTrue();
    assertThat(message(sim)).isEqualTo("child playbook spec/t (77): Failed steps: start: refused");
  }

  @Test
  @DisplayName("9.9: a child that cannot be started is a hard error")
  void aChildThatCannotBeStartedIsHard() {
    Sim sim = Sim.of(parent("path: p/c")).start();

    sim.resume("start", ChildOutcome.refused("p/c not found in the catalog"));

    assertThat(message(sim))
        .isEqualTo("Failed to start child playbook: p/c not found in the catalog");
  }

  @Test
  @DisplayName("9.9: the time of return_step is a soft error, that of return_result a hard one")
  void timesOut() {
    Sim step = Sim.of(parent("path: p/c, return_step: end, timeout: 2s")).start();
    Sim result = Sim.of(parent("path: p/c, return_result: true, timeout_seconds: 2")).start();
    String id = Long.toString(step.child("start").executionId());

    step.accept(new ExecutionIntent.ExpireWait(step.waiting("start").waitId()));
    result.accept(new ExecutionIntent.ExpireWait(result.waiting("start").waitId()));

    Outcome soft = step.state.step("start").outcome();
    assertThat(soft.status()).isEqualTo(Status.TIMEOUT);
    assertThat(soft.hard()).isFalse();
    assertThat(soft.data())
        .isEqualTo(map("status", "timeout", "execution_id", id, "timeout_seconds", 2L));
    assertThat(soft.error()).containsEntry("kind", "timeout").containsEntry("code", "TIMEOUT");
    assertThat(result.state.step("start").outcome().hard()).isTrue();
  }

  @Test
  @DisplayName("4.3: a shorter timeout of the step ends the wait softly")
  void theStepsTimeoutCountsToo() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    spec: {timeout: 1s}
                    tool: {kind: playbook, path: p/c, return_result: true}
                    next: done
                  - {step: done, tool: {kind: noop}}
                """)
            .start();
    OpenWait wait = sim.waiting("start");
    assertThat(wait.opened().timeout()).isEqualTo(Duration.ofSeconds(1));

    sim.accept(new ExecutionIntent.ExpireWait(wait.waitId()));

    Outcome outcome = sim.state.step("start").outcome();
    assertThat(outcome.hard()).isFalse();
    assertThat(outcome.error()).containsEntry("message", "Step timed out after 1 s");
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  @DisplayName("I6: a wait ends once, whatever is repeated")
  void aWaitEndsOnce() {
    Sim sim = Sim.of(parent("path: p/c") + "  - {step: x, tool: {kind: noop}}\n").start();
    Sim two =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: playbook, path: p/c}, next: b}
                  - {step: b, tool: {kind: python, code: "x"}}
                """)
            .start();
    long wait = two.waiting("start").waitId();
    Decision.Accepted accepted = two.accept(new ExecutionIntent.Resume(wait, Outcome.success(1L)));
    assertThat(accepted.closed()).containsExactly(wait);

    assertThat(two.reject(new ExecutionIntent.Resume(wait, Outcome.success(2L))).reason())
        .isEqualTo(Rejection.WAIT_NOT_OPEN);
    assertThat(two.reject(new ExecutionIntent.ExpireWait(wait)).reason())
        .isEqualTo(Rejection.WAIT_NOT_OPEN);
    assertThat(sim.reject(new ExecutionIntent.ExpireWait(wait + 999)).reason())
        .isEqualTo(Rejection.WAIT_NOT_OPEN);
  }

  @Test
  @DisplayName("12: each iteration of a loop has a child of its own, at most max_in_flight at once")
  void loopsOverChildren() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    loop: {in: "{{ [1, 2, 3] }}", iterator: n, spec: {mode: parallel, max_in_flight: 2}}
                    tool: {kind: playbook, path: p/c, input: {n: "{{ iter.n }}"}, return_result: true}
                """)
            .start();
    assertThat(sim.state.waits()).hasSize(2);
    assertThat(sim.child("start").payload()).isEqualTo(Map.of("n", 1L));

    sim.resume("start", Outcome.success("a"));
    assertThat(sim.state.waits()).hasSize(2);
    sim.resume("start", Outcome.success("b")).resume("start", Outcome.success("c"));

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(((Map<?, ?>) sim.data("start")).get("results")).isEqualTo(List.of("a", "b", "c"));
  }

  @Test
  @DisplayName("13.9: cancelling ends every wait")
  void cancellingEndsEveryWait() {
    Sim sim = Sim.of(parent("path: p/c, return_step: end")).start();
    long wait = sim.waiting("start").waitId();

    Decision.Accepted accepted = sim.accept(new ExecutionIntent.Cancel("enough"));

    assertThat(accepted.closed()).containsExactly(wait);
    assertThat(sim.state.waits()).isEmpty();
  }

  @Test
  @DisplayName("14.3: a failure waits for what the other branches wait for")
  void aFailureWaitsForOpenWaits() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: noop}, next: [a, b]}
                  - {step: a, tool: {kind: python, code: "x"}}
                  - {step: b, tool: {kind: playbook, path: p/c, return_result: true}}
                """)
            .start();

    sim.hardError("a");
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.RUNNING);
    sim.resume("b", Outcome.success(1L));

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
  }

  @ParameterizedTest
  @DisplayName("11.4, 11.7: a policy, retry, set or secret is a worker's affair")
  @CsvSource(
      delimiter = '|',
      value = {
        "retry: 2",
        "spec: {policy: {rules: [{else: {do: continue}}]}}",
        "set: {ctx.x: 1}",
        "input: {k: \"{{ keychain.a.b }}\"}"
      })
  void leavesPoliciesToAWorker(String fields) {
    Sim sim = Sim.of(parent("path: p/c, " + fields)).start();

    assertThat(sim.state.waits()).isEmpty();
    assertThat(sim.open()).containsExactly("start");
  }
}
