package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.language.Rule;
import io.noetl.playbook.value.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Given a playbook, when intents, then events: the rules of routing, failure and completion. */
final class ExecutionTest {

  @Test
  void routingStepsCompleteInTheDecisionThatReachesThem() {
    Sim sim =
        Sim.of(
                """
                workload: {who: Ada}
                workflow:
                  - {step: start, tool: {kind: noop, result: {hi: "{{ who }}"}}, next: end}
                  - {step: end, tool: {kind: noop}}
                """)
            .start();

    assertThat(sim.types()).containsExactly("Started", "StepExited", "StepExited", "Completed");
    assertThat(sim.data("start")).isEqualTo(Map.of("hi", "Ada"));
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(sim.state.result()).isEqualTo(Map.of("status", "ok", "message", "noop"));
  }

  @Test
  void aStepOfAWorkerIsTwoEvents() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: python, code: "result = 1"}, next: end}
                  - {step: end, tool: {kind: python, code: "result = 2"}}
                """)
            .start()
            .done("start", Map.of("a", 1L))
            .done("end", Map.of("b", 2L));

    assertThat(sim.types())
        .containsExactly(
            "Started",
            "CommandIssued",
            "CallFinished",
            "CommandIssued",
            "CallFinished",
            "Completed");
    assertThat(sim.state.result()).isEqualTo(Map.of("b", 2L));
  }

  @Test
  @Rule("8.3")
  void rendersInputAndFieldsBeforeAWorkerSeesThem() {
    Sim sim =
        Sim.of(
                """
                workload: {base: "http://x", n: 3}
                workflow:
                  - step: start
                    tool: {kind: http, url: "{{ base }}/{{ n }}", headers: {N: "{{ n }}"}}
                    next: second
                  - step: second
                    tool: {kind: python, input: {id: "{{ start.data.id }}"}, code: "result = id"}
                """)
            .start();

    assertThat(sim.contextOf("start").get("rendered"))
        .isEqualTo(Map.of("url", "http://x/3", "headers", Map.of("N", "3")));

    sim.done("start", Map.of("status_code", 200L, "data", Map.of("id", 7L)));

    assertThat(sim.contextOf("second").get("input")).isEqualTo(Map.of("id", 7L));
  }

  @Test
  @Rule({"7.1", "16.3"})
  void leavesFieldsThatAskForTheKeychainToTheWorker() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: http, url: "http://x", headers: {K: "{{ keychain.svc.key }}"}}
                """)
            .start();

    assertThat(sim.contextOf("start").get("rendered"))
        .isEqualTo(Map.of("url", "http://x", "headers", Map.of("K", "{{ keychain.svc.key }}")));
  }

  @Test
  void leavesInputsThatReadTheKeychainAndWhatReadsThemToTheWorker() {
    Sim sim =
        Sim.of(
                """
                workload: {base: "http://x", store: s, suffix: "!", unused: u}
                keychain:
                  - {name: svc, kind: credential, credential: "{{ workload.store }}"}
                workflow:
                  - step: start
                    input: {key: "{{ keychain.svc.key }}{{ suffix }}", plain: "{{ base }}", text: "{{ 1 }}"}
                    tool:
                      kind: http
                      url: "{{ plain }}/{{ text }}"
                      input: {key: "{{ key }}", made: "Key {{ key }}", text: two}
                      headers: {K: "{{ made }}"}
                """)
            .start();

    Map<String, Object> context = sim.contextOf("start");
    assertThat(context.get("input"))
        .isEqualTo(
            Map.of(
                "key",
                "{{ keychain.svc.key }}{{ suffix }}",
                "plain",
                "http://x",
                "text",
                "two",
                "made",
                "Key {{ key }}"));
    assertThat(context.get("deferred")).isEqualTo(List.of("key", "made"));
    assertThat(context.get("rendered"))
        .isEqualTo(Map.of("url", "http://x/two", "headers", Map.of("K", "{{ made }}")));
    assertThat(context.get("workload")).isEqualTo(Map.of("store", "s", "suffix", "!"));
  }

  @Test
  @Rule("13.2")
  void takesTheFirstArcWhoseGuardIsTrue() {
    Sim sim =
        Sim.of(
                """
                workload: {n: 2}
                workflow:
                  - step: start
                    tool: {kind: noop}
                    next:
                      arcs:
                        - {step: a, when: "{{ n > 2 }}"}
                        - {step: b, when: "{{ n == 2 }}"}
                        - {step: c}
                  - {step: a, tool: {kind: noop}}
                  - {step: b, tool: {kind: noop}}
                  - {step: c, tool: {kind: noop}}
                """)
            .start();

    assertThat(sim.state.steps().keySet()).containsExactlyInAnyOrder("start", "b");
  }

  @Test
  @Rule({"6.5", "13.3"})
  void setOfAStepIsSeenByItsArcsAndByLaterSteps() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: python, code: "result = {'n': 1}"}
                    set: {ctx.n: "{{ output.data.n }}"}
                    next:
                      arcs:
                        - {step: big, when: "{{ ctx.n > 5 }}"}
                        - {step: small, when: "{{ ctx.n <= 5 }}", set: {ctx.label: tiny}}
                  - {step: big, tool: {kind: noop}}
                  - {step: small, tool: {kind: noop, result: "{{ ctx.label }}-{{ n }}"}}
                """)
            .start()
            .done("start", Map.of("n", 4L));

    assertThat(sim.data("small")).isEqualTo("tiny-4");
    assertThat(sim.state.ctx()).containsEntry("n", 4L).containsEntry("label", "tiny");
  }

  @Test
  @Rule("13.7")
  void joinWaitsForEveryBranchThatCanStillReachIt() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: noop}
                    next: {spec: {mode: inclusive}, arcs: [{step: l}, {step: r}]}
                  - {step: l, tool: {kind: python, code: "result = 1"}, next: join}
                  - {step: r, tool: {kind: python, code: "result = 2"}, next: r2}
                  - {step: r2, tool: {kind: python, code: "result = 3"}, next: join}
                  - {step: join, tool: {kind: python, code: "result = 4"}}
                """)
            .start();

    assertThat(sim.open()).containsExactly("l", "r");
    assertThat(sim.done("l", 1L).open()).containsExactly("r");
    assertThat(sim.done("r", 2L).open()).containsExactly("r2");
    assertThat(sim.done("r2", 3L).open()).containsExactly("join");
    assertThat(sim.done("join", 4L).state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(sim.state.step("join").finished()).isEqualTo(1);
  }

  @Test
  @Rule("13.7")
  void joinStartsWhenTheLastBranchEndsElsewhere() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: noop}
                    next: {spec: {mode: inclusive}, arcs: [{step: l}, {step: r}]}
                  - {step: l, tool: {kind: python, code: "result = 1"}, next: join}
                  - step: r
                    tool: {kind: python, code: "result = 2"}
                    next: {arcs: [{step: join, when: "{{ false }}"}]}
                  - {step: join, tool: {kind: python, code: "result = 4"}}
                """)
            .start()
            .done("l", 1L);

    assertThat(sim.open()).containsExactly("r");
    assertThat(sim.done("r", 2L).open()).containsExactly("join");
  }

  @Test
  @Rule("13.7")
  void backEdgeRunsAStepAgainWithTheAdvancedVariables() {
    Sim sim =
        Sim.of(
                """
                workload: {max: 3}
                workflow:
                  - {step: start, tool: {kind: noop}, set: {ctx.i: 0}, next: work}
                  - step: work
                    tool: {kind: python, input: {i: "{{ ctx.i }}"}, code: "result = {'next': i + 1}"}
                    set: {ctx.i: "{{ work.next }}"}
                    next: gate
                  - step: gate
                    tool: {kind: noop}
                    next:
                      arcs:
                        - {step: work, when: "{{ ctx.i < workload.max }}"}
                        - {step: end}
                  - {step: end, tool: {kind: noop, result: {i: "{{ ctx.i }}"}}}
                """)
            .start();

    for (long i = 0; i < 3; i++) {
      assertThat(sim.contextOf("work").get("input")).isEqualTo(Map.of("i", i));
      sim.done("work", Map.of("next", i + 1));
    }

    assertThat(sim.state.step("work").finished()).isEqualTo(3);
    assertThat(sim.state.step("gate").finished()).isEqualTo(3);
    assertThat(sim.state.step("end").finished()).isEqualTo(1);
    assertThat(sim.data("end")).isEqualTo(Map.of("i", 3L));
  }

  @Test
  @Rule("13.6")
  void aStepThatWasRefusedAdmissionPassesItsTokenOn() {
    String body =
        """
        workload: {on: false}
        workflow:
          - {step: start, tool: {kind: noop}, next: maybe}
          - {step: maybe, when: "{{ workload.on }}", tool: {kind: noop, result: {ran: true}}, next: tail}
          - {step: tail, tool: {kind: noop, result: {ran: "{{ maybe is defined }}"}}}
        """;

    assertThat(Sim.of(body).start().data("tail")).isEqualTo(Map.of("ran", false));
    assertThat(Sim.of(body).start(Map.of("on", true)).data("tail")).isEqualTo(Map.of("ran", true));
  }

  @Test
  @Rule("14.3")
  void anUnguardedArcGoesOnWhateverTheToolReported() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: python, code: "raise ValueError('boom')"}, next: after}
                  - step: after
                    tool: {kind: noop, result: {seen: "{{ start.status }}", kind: "{{ start.error.kind }}"}}
                """)
            .start()
            .softError("start");

    assertThat(sim.data("after")).isEqualTo(Map.of("seen", "error", "kind", "python"));
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  @Rule("14.3")
  void aSoftErrorThatNoArcTakesFailsTheExecution() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: python, code: "raise ValueError('boom')"}
                    next: {arcs: [{step: after, when: "{{ event.name == 'call.done' }}"}]}
                  - {step: after, tool: {kind: noop}}
                """)
            .start()
            .softError("start");

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.error()).isEqualTo("Failed steps: start: boom");
    assertThat(sim.state.step("after").visits()).isZero();
  }

  @Test
  @Rule({"4.3", "14.3"})
  void onErrorFailMakesASoftErrorHardInSpiteOfAnUnguardedArc() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    spec: {on_error: fail}
                    tool: {kind: python, code: "raise ValueError('boom')"}
                    next: after
                  - {step: after, tool: {kind: noop}}
                """)
            .start()
            .softError("start");

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.step("after").visits()).isZero();
  }

  @Test
  @Rule("14.3")
  void anHttpAnswerOutsideTwoHundredNeverFailsAnExecutionByItself() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: http, url: "http://x"}}
                """)
            .start()
            .softError("start");

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  @Rule("14.4")
  void aHardErrorIsRescuedOnlyByAnArcThatAsksForTheEvent() {
    String rescued =
        """
        workflow:
          - step: start
            tool: {kind: http, url: "http://x"}
            next:
              arcs:
                - {step: ok, when: "{{ event.name == 'call.done' }}"}
                - {step: rescue, when: "{{ event.name == 'call.error' }}"}
          - {step: ok, tool: {kind: noop}}
          - {step: rescue, tool: {kind: noop}}
        """;
    Sim sim = Sim.of(rescued).start().hardError("start");

    assertThat(sim.state.steps().keySet()).containsExactlyInAnyOrder("start", "rescue");
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);

    Sim unrescued =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: http, url: "http://x"}, next: ok}
                  - {step: ok, tool: {kind: noop}}
                """)
            .start()
            .hardError("start");

    assertThat(unrescued.state.status()).isEqualTo(ExecutionStatus.FAILED);
  }

  @Test
  @Rule("14.3")
  void afterAFailureNothingStartsButWhatRunsFinishes() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: noop}, next: [bad, slow]}
                  - {step: bad, tool: {kind: python, code: "x"}}
                  - {step: slow, tool: {kind: python, code: "x"}, next: later}
                  - {step: later, tool: {kind: noop}}
                """)
            .start()
            .hardError("bad");

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.RUNNING);

    sim.done("slow", 1L);

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.step("later").visits()).isZero();
    assertThat(sim.state.error()).isEqualTo("Failed steps: bad: refused");
  }

  @Test
  @Rule("7.7")
  void aGuardThatCannotBeEvaluatedFailsTheExecutionAloud() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: noop}
                    next: {arcs: [{step: a, when: "{{ nope + 1 }}"}]}
                  - {step: a, tool: {kind: noop}}
                """)
            .start();

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.error()).contains("step 'start'").contains("nope + 1");
  }

  @Test
  @Rule("14.1")
  void aFieldThatCannotBeRenderedFailsTheStepHard() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: http, url: "{{ nope + 1 }}"}}
                """)
            .start();

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.step("start").outcome())
        .satisfies(outcome -> assertThat(outcome.error()).containsEntry("kind", "template"));
  }

  @Test
  @Rule("9.17")
  void aKindThatIsNotAvailableFailsOnlyWhenReached() {
    String body =
        """
        workload: {go: false}
        workflow:
          - step: start
            tool: {kind: noop}
            next: {arcs: [{step: snow, when: "{{ go }}"}]}
          - {step: snow, tool: {kind: snowflake, command: "select 1"}}
        """;

    assertThat(Sim.of(body).start().state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    Sim reached = Sim.of(body).start(Map.of("go", true));
    assertThat(reached.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(reached.state.error()).contains("Tool not available: snowflake");
  }

  @Test
  @Rule("13.5")
  void noMatchEndsTheBranchUnlessThePlaybookForbidsIt() {
    String body =
        """
        workflow:
          - step: start
            tool: {kind: noop}
            next: {arcs: [{step: a, when: "{{ 1 > 2 }}"}]}
          - {step: a, tool: {kind: noop}}
        """;

    assertThat(Sim.of(body).start().state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(Sim.of("executor: {spec: {no_next_is_error: true}}\n" + body).start().state.status())
        .isEqualTo(ExecutionStatus.FAILED);
  }

  @Test
  @Rule("3.1")
  void theFinalStepRunsOnceWhenEverythingElseIsDone() {
    String body =
        """
        executor: {spec: {final_step: wrap}}
        workflow:
          - {step: start, tool: {kind: python, code: "x"}}
          - {step: wrap, tool: {kind: noop, result: wrapped}}
        """;

    Sim good = Sim.of(body).start().done("start", 1L);
    assertThat(good.state.result()).isEqualTo("wrapped");
    Sim bad = Sim.of(body).start().hardError("start");
    assertThat(bad.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(bad.state.step("wrap").visits()).isZero();
  }

  @Test
  @Rule("3.2")
  void payloadIsLaidOverTheWorkloadAtTheTopLevelOnly() {
    Sim sim =
        Sim.of(
                """
                workload: {cfg: {a: 1, b: 2}, title: "cfg for {{ owner }}", owner: ops}
                workflow:
                  - step: start
                    tool: {kind: noop, result: {a: "{{ workload.cfg.a }}", b: "{{ cfg.b }}", t: "{{ title }}"}}
                """)
            .start(Map.of("cfg", Map.of("a", 9L)));

    Map<String, @Nullable Object> expected = new LinkedHashMap<>();
    expected.put("a", 9L);
    expected.put("b", null);
    expected.put("t", "cfg for ops");
    assertThat(sim.data("start")).isEqualTo(expected);
  }

  @Test
  @Rule("3.2")
  void payloadValuesAreDataEvenWhenTheyLookLikeTemplates() {
    Sim sim =
        Sim.of(
                """
                workload: {text: x}
                workflow:
                  - {step: start, tool: {kind: noop, result: "{{ text }}!"}}
                """)
            .start(Map.of("text", "{{ 1 + 1 }}"));

    assertThat(sim.data("start")).isEqualTo("{{ 1 + 1 }}!");
  }

  @Test
  @Rule("13.9")
  void cancelEndsTheExecutionAndItsCommands() {
    Sim sim = Sim.of("workflow:\n  - {step: start, tool: {kind: python, code: \"x\"}}\n").start();
    long command = sim.open("start").commandId();

    Decision.Accepted accepted = sim.accept(new ExecutionIntent.Cancel("enough"));

    assertThat(accepted.settled()).containsExactly(command);
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.CANCELLED);
    assertThat(sim.reject(Sim.reportOf(command, Outcome.success(1L))).reason())
        .isEqualTo(Rejection.ALREADY_TERMINAL);
  }

  @Test
  void aSecondReportAboutACommandIsRejected() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: python, code: "x"}, next: b}
                  - {step: b, tool: {kind: python, code: "x"}}
                """)
            .start();
    long command = sim.open("start").commandId();
    sim.done("start", 1L);

    assertThat(sim.reject(Sim.reportOf(command, Outcome.success(2L))).reason())
        .isEqualTo(Rejection.COMMAND_NOT_OPEN);
  }

  @Test
  @Rule("14.5")
  void aLeaseThatRanOutIsOfferedAgainUntilAttemptsAreUsedUp() {
    Sim sim = Sim.of("workflow:\n  - {step: start, tool: {kind: python, code: \"x\"}}\n").start();
    long command = sim.open("start").commandId();

    sim.accept(new ExecutionIntent.ExpireLease(command, 1, 2, 1, "w1"));
    assertThat(sim.state.commands().get(command).attempts()).isEqualTo(1);
    sim.accept(new ExecutionIntent.ExpireLease(command, 2, 2, 2, "w2"));

    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(sim.state.error()).contains("command.max-attempts").contains("w2");
  }

  @Test
  void anOutcomeReportedAheadIsUsedWhenTheCommandEnds() {
    Sim sim = Sim.of("workflow:\n  - {step: start, tool: {kind: python, code: \"x\"}}\n").start();
    long command = sim.open("start").commandId();

    assertThat(sim.reject(Sim.reportOf(command, null)).reason()).isEqualTo(Rejection.NO_OUTCOME);
    sim.accept(
        new ExecutionIntent.Record(
            List.of(
                new ExecutionEvent.Recorded(
                    "call.done",
                    Map.of("step", "start"),
                    command,
                    Outcome.success(Map.of("v", 1L))))));
    sim.accept(Sim.reportOf(command, null));

    assertThat(sim.data("start")).isEqualTo(Map.of("v", 1L));
  }

  @Test
  void nothingIsDecidedAboutAnExecutionThatDoesNotExist() {
    Sim sim = Sim.of("workflow:\n  - {step: start, tool: {kind: noop}}\n");

    assertThat(sim.reject(new ExecutionIntent.Cancel("x")).reason())
        .isEqualTo(Rejection.UNKNOWN_EXECUTION);
  }

  @Test
  void theArcsTakenAreInTheEventSoThatAReplayEvaluatesNothing() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: noop}, next: [a, b]}
                  - {step: a, tool: {kind: noop}}
                  - {step: b, tool: {kind: noop}}
                """)
            .start();

    ExecutionEvent.StepExited exited = (ExecutionEvent.StepExited) sim.log.get(1).event();
    assertThat(exited.completion().arcs())
        .isEqualTo(
            List.of(new ExecutionEvent.Taken("a", true), new ExecutionEvent.Taken("b", true)));
  }
}
