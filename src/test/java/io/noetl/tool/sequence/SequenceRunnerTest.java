package io.noetl.tool.sequence;

import static io.noetl.tool.Calls.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.language.Rule;
import io.noetl.playbook.scope.Views;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Section 11 of the language, with real tools. */
@Rule({"9.8", "11.1", "11.4"})
class SequenceRunnerTest {
  private TestServer server;
  private Commands commands;

  @BeforeEach
  void start() throws Exception {
    server = new TestServer();
    commands = new Commands();
    commands.workload.put("base", server.url(""));
  }

  @AfterEach
  void stop() {
    commands.close();
    server.close();
  }

  private static void assertData(CommandResult result, String expected) {
    assertThat(Json.text(result.outcome().data())).isEqualTo(Json.text(json(expected)));
  }

  private Object eval(CommandResult result, String template) {
    return commands.templates.render(
        template, Scope.of(Map.of("start", Views.step(result.outcome())), Commands.NOW));
  }

  private static CtxWrite write(String name, Object value) {
    return new CtxWrite(List.of(name), value);
  }

  private static final String FLAKY =
      """
      tool:
        kind: http
        url: "{{ workload.base }}/flaky"
        spec:
          policy:
            rules:
              - when: "{{ output.status == 'error' and output.http.status in [502, 503] }}"
                then: {do: retry, attempts: ATTEMPTS, backoff: linear, delay: 0.1}
              - when: "{{ output.status == 'error' }}"
                then: {do: fail}
              - else: {then: {do: continue, set: {ctx.tries: "{{ _attempt }}"}}}
      """;

  @Test
  @Rule("E9")
  void e9RetriesUntilItSucceeds() throws Exception {
    CommandResult result = commands.run(FLAKY.replace("ATTEMPTS", "5"));
    assertThat(result.outcome().succeeded()).isTrue();
    assertThat(result.outcome().shape()).isEqualTo(Shape.SINGLE);
    assertThat(eval(result, "{{ start.data.ok }}")).isEqualTo(true);
    assertThat(result.writes()).containsExactly(write("tries", 3L));
    assertThat(commands.waits).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200));
    assertThat(result.outcome().meta()).containsEntry("attempt", 3L);
  }

  @Test
  @Rule("E9")
  void e9ExhaustedRetryIsAnUnhandledError() throws Exception {
    CommandResult result = commands.run(FLAKY.replace("ATTEMPTS", "\"2\""));
    assertThat(result.outcome().status()).isEqualTo(Status.ERROR);
    assertThat(result.outcome().hard()).isFalse();
    assertThat(result.outcome().error()).containsEntry("code", "HTTP_503");
    assertThat(result.writes()).isEmpty();
    assertThat(server.flakyCalls()).isEqualTo(2);
  }

  @Test
  @Rule("E10")
  void e10SequenceSetSiblingsAndResults() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool:
              - name: fetch
                kind: http
                url: "{{ workload.base }}/ok"
                set: {got: "{{ output }}"}
              - name: pick
                kind: python
                input: {body: "{{ got.data }}", again: "{{ fetch.data.id }}", prev: "{{ _prev.status_code }}"}
                code: "result = {'total': sum(body['items']), 'again': again, 'prev': prev}"
            """);
    assertThat(result.outcome().error()).isNull();
    assertThat(result.outcome().shape()).isEqualTo(Shape.SEQUENCE);
    assertThat(
            eval(
                result,
                "{{ [start.total, start.pick.total, start.results.pick.total,"
                    + " start.fetch.status_code, start.status_code] }}"))
        .isEqualTo(List.of(6L, 6L, 6L, 200L, 200L));
    assertThat(eval(result, "{{ start.pick }}"))
        .isEqualTo(json("{'total': 6, 'again': 7, 'prev': 200}"));
    assertThat(result.writes()).isEmpty();
    assertThat(result.outcome().http()).containsEntry("status", 200L);
  }

  @Test
  @Rule("E11")
  void e11PaginationByJump() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool:
              - name: init
                kind: noop
                spec: {policy: {rules: [{else: {then: {do: continue, set: {iter.n: 1, iter.sum: 0}}}}]}}
              - name: page
                kind: http
                url: "{{ workload.base }}/page"
                params: {n: "{{ iter.n }}"}
                spec:
                  policy:
                    rules:
                      - when: "{{ output.status == 'error' }}"
                        then: {do: fail}
                      - else:
                          then:
                            do: continue
                            set: {iter.sum: "{{ iter.sum + (output.data.data.items | length) }}", iter.more: "{{ output.data.more }}"}
              - name: turn
                kind: noop
                spec:
                  policy:
                    rules:
                      - when: "{{ iter.more }}"
                        then: {do: jump, to: page, set: {iter.n: "{{ iter.n + 1 }}"}}
                      - else: {then: {do: break, set: {ctx.pages: "{{ iter.n }}", ctx.sum: "{{ iter.sum }}"}}}
            """);
    assertThat(result.outcome().error()).isNull();
    assertThat(result.writes()).containsExactly(write("pages", 3L), write("sum", 3L));
    assertThat(eval(result, "{{ start.page.data.n }}")).isEqualTo(3L);
  }

  @Test
  @Rule("E12")
  void e12FailEndsTheSequenceSoftly() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool:
              - {name: a, kind: noop, spec: {policy: {rules: [{when: true, then: {do: fail}}]}}}
              - {name: b, kind: noop}
            """);
    assertThat(result.outcome().hard()).isFalse();
    assertThat(result.outcome().error())
        .containsEntry("kind", "policy")
        .containsEntry("code", "POLICY_FAIL");
    assertData(
        result,
        "{'a': {'status': 'ok', 'message': 'noop'}, 'status': 'ok', 'message': 'noop',"
            + " 'labeled_results': {'a': {'status': 'ok', 'message': 'noop'}},"
            + " 'failed_task': 'a'}");
  }

  @Test
  @Rule("E38")
  void e38OlderRetryRepeatsTheCall() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool: {kind: http, url: "{{ workload.base }}/flaky", retry: {max_attempts: 3, initial_delay: 0.1, backoff_multiplier: 2}}
            """);
    assertThat(eval(result, "{{ start.status_code }}")).isEqualTo(200L);
    assertThat(commands.waits).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200));
  }

  @Test
  @Rule("11.7")
  void olderRetryLeavesAloneWhatIsNotRetryable() throws Exception {
    CommandResult result =
        commands.run("tool: {kind: http, url: \"{{ workload.base }}/missing\", retry: true}");
    assertThat(result.outcome().error()).containsEntry("code", "HTTP_404");
    assertThat(commands.waits).isEmpty();
  }

  @Test
  @Rule("11.7")
  void olderRetryAsksItsGuards() throws Exception {
    CommandResult stopped =
        commands.run(
            """
            tool:
              kind: http
              url: "{{ workload.base }}/flaky"
              retry: {max_attempts: 9, delay: 0, stop_when: "{{ _attempt >= 2 }}"}
            """);
    assertThat(stopped.outcome().succeeded()).isFalse();
    assertThat(server.flakyCalls()).isEqualTo(2);
    commands.run(
        """
        tool:
          kind: http
          url: "{{ workload.base }}/missing"
          retry: {max_attempts: 2, delay: 5ms, retry_when: "{{ output.http.status == 404 }}"}
        """);
    assertThat(commands.waits).containsExactly(Duration.ofMillis(5));
  }

  @Test
  @Rule("E40")
  void e40BreakEndsTheSequence() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool:
              - {name: a, kind: noop, result: {n: 0}, spec: {policy: {rules: [{when: "{{ output.data.n == 0 }}", then: {do: break}}]}}}
              - {name: b, kind: noop}
            """);
    assertThat(result.outcome().succeeded()).isTrue();
    assertData(result, "{'a': {'n': 0}, 'n': 0}");
  }

  @Test
  void acceptedHardErrorLetsTheCommandGoOn() throws Exception {
    String sequence =
        """
        tool:
          - name: q
            kind: http
            url: "http://no-such-host.invalid/"
            POLICY
          - {name: note, kind: python, code: "result = {'went_on': True}"}
        """;
    CommandResult accepted =
        commands.run(
            sequence.replace(
                "POLICY",
                "spec: {policy: {rules: [{when: \"{{ output.status == 'error' and output.data is"
                    + " none }}\", then: {do: continue, set: {ctx.code: \"{{ output.error.code"
                    + " }}\"}}}]}}"));
    assertThat(accepted.outcome().error()).isNull();
    assertData(accepted, "{'q': null, 'note': {'went_on': true}, 'went_on': true}");
    assertThat(accepted.writes()).containsExactly(write("code", "DNS_ERROR"));
    CommandResult hard = commands.run(sequence.replace("POLICY", "set: {ctx.x: 1}"));
    assertThat(hard.outcome().hard()).isTrue();
    assertThat(hard.outcome().error()).containsEntry("code", "DNS_ERROR");
    assertThat(hard.writes()).isEmpty();
    assertThat(((Map<?, ?>) hard.outcome().data()).get("failed_task")).isEqualTo("q");
  }

  @Test
  void continueOnASingleToolMakesItsErrorASuccess() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool:
              kind: http
              url: "{{ workload.base }}/missing"
              spec: {policy: {rules: [{else: {do: continue, set: {why: "{{ output.data.detail }}"}}}]}}
            """);
    assertThat(result.outcome().succeeded()).isTrue();
    assertThat(result.outcome().error()).isNull();
    assertThat(eval(result, "{{ start.status_code }}")).isEqualTo(404L);
    assertThat(result.writes()).containsExactly(write("why", "no"));
  }

  @Test
  void unmatchedOutcomesFollowTheirDefaultAndItsOverride() throws Exception {
    String task =
        "tool: {kind: python, code: \"CODE\", spec: {policy: {on_unmatched: WORD, rules: [{when:"
            + " \"{{ false }}\", then: {do: break}}]}}}";
    String bad = "raise ValueError('x')";
    String good = "result = 1";
    assertThat(
            commands
                .run(task.replace("CODE", bad).replace("on_unmatched: WORD, ", ""))
                .outcome()
                .error())
        .containsEntry("code", "PY_ValueError");
    assertThat(
            commands
                .run(task.replace("CODE", bad).replace("WORD", "continue"))
                .outcome()
                .succeeded())
        .isTrue();
    assertThat(commands.run(task.replace("CODE", good).replace("WORD", "fail")).outcome().error())
        .containsEntry("code", "POLICY_FAIL");
  }

  @Test
  void retryOnSuccessEndsAsSuccess() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool:
              kind: noop
              result: {n: "{{ ctx.n | default(0) }}"}
              spec: {policy: {rules: [{else: {do: retry, attempts: 3, set: {ctx.n: "{{ output.data.n + 1 }}"}}}]}}
            """);
    assertThat(result.outcome().succeeded()).isTrue();
    assertData(result, "{'n': 2}");
    assertThat(result.writes()).containsExactly(write("n", 1L), write("n", 2L), write("n", 3L));
    assertThat(commands.waits).isEmpty();
  }

  @Test
  void serversMayAskForALongerWait() throws Exception {
    commands.run(
        """
        tool:
          kind: http
          url: "{{ workload.base }}/status/429"
          spec: {policy: {rules: [{else: {do: retry, attempts: 2, delay: 500ms, max_delay: 1}}]}}
        """);
    assertThat(commands.waits).containsExactly(Duration.ofSeconds(7));
  }

  @Test
  void backoffsGrowAsTheySay() {
    Duration second = Duration.ofSeconds(1);
    assertThat(Delays.ofBackoff(null, null, null, 1)).isZero();
    assertThat(Delays.ofBackoff(null, second, null, 3)).isEqualTo(second);
    assertThat(Delays.ofBackoff("none", second, null, 3)).isZero();
    assertThat(Delays.ofBackoff("fixed", null, null, 3)).isEqualTo(second);
    assertThat(Delays.ofBackoff("linear", second, null, 3)).isEqualTo(Duration.ofSeconds(3));
    assertThat(Delays.ofBackoff("exponential", second, null, 4)).isEqualTo(Duration.ofSeconds(8));
    assertThat(Delays.ofBackoff("exponential", second, Duration.ofSeconds(5), 4))
        .isEqualTo(Duration.ofSeconds(5));
    assertThat(Delays.ofBackoff("exponential", second, null, 5000)).isEqualTo(Delays.LONGEST);
    assertThat(Delays.ofBackoff("whatever", second, null, 9)).isEqualTo(second);
  }

  @Test
  @Rule("11.4")
  void jumpsLeadBackAndToLabelsOnly() throws Exception {
    CommandResult back =
        commands.run(
            """
            tool:
              - {name: a, kind: noop, result: "{{ ctx.n | default(0) }}"}
              - name: b
                kind: noop
                spec: {policy: {rules: [{when: "{{ a < 2 }}", then: {do: jump, to: previous, set: {ctx.n: "{{ a + 1 }}"}}}]}}
            """);
    assertThat(back.outcome().error()).isNull();
    assertThat(eval(back, "{{ start.results.a }}")).isEqualTo(2L);
    CommandResult unknown =
        commands.run(
            """
            tool:
              - {name: a, kind: noop, spec: {policy: {rules: [{else: {do: jump, to: "{{ 'no' + 'where' }}"}}]}}}
            """);
    assertThat(unknown.outcome().hard()).isFalse();
    assertThat(unknown.outcome().error()).containsEntry("code", "UNKNOWN_TARGET");
  }

  @Test
  @Rule("17")
  void endlessJumpsAreLimited() throws Exception {
    commands.runner =
        commands.runner(commands.executors, new SequenceSettings(50), commands.waits::add);
    CommandResult result =
        commands.run(
            """
            tool:
              - {name: a, kind: noop, spec: {policy: {rules: [{else: {do: jump, to: a}}]}}}
            """);
    assertThat(result.outcome().hard()).isFalse();
    assertThat(String.valueOf(result.outcome().error().get("message")))
        .startsWith("task sequence exceeded 50 task runs")
        .contains("sequence.max-task-runs");
  }

  @Test
  void attemptsRestartWhenATaskIsLeft() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool:
              - name: a
                kind: noop
                result: {attempt: "{{ _attempt }}"}
                spec: {policy: {rules: [{when: "{{ _attempt < 2 }}", then: {do: retry, delay: 0}}]}}
              - name: b
                kind: noop
                set: {ctx.seen: "{{ a.attempt }}"}
                spec: {policy: {rules: [{when: "{{ ctx.rounds | default(0) < 1 }}", then: {do: jump, to: a, set: {ctx.rounds: 1}}}]}}
            """);
    assertThat(eval(result, "{{ start.a.attempt }}")).isEqualTo(2L);
    assertThat(result.outcome().meta()).containsEntry("task_runs", 6L);
  }

  @Test
  @Rule({"6.5", "11.5"})
  void setBlocksWriteWhereTheirKeysSay() throws Exception {
    commands.ctx.put("a", Map.of("keep", 1L));
    CommandResult result =
        commands.run(
            """
            tool:
              - name: one
                kind: noop
                result: {v: 5}
                set: {bare: "{{ output.v }}", other: "{{ bare is defined }}", ctx.a.b: 2, foo.bar: 3, iter.x: 4}
                spec: {policy: {rules: [{else: {do: continue, set: {p: 1, q: "{{ p + 1 }}", vars.r: "{{ one.v }}"}}}]}}
              - name: two
                kind: noop
                result:
                  all: "{{ [bare, other, ctx.a.b, a.keep, foo.bar, iter.x, p, q, ctx.q, r, one.v] }}"
            """);
    assertThat(result.outcome().error()).isNull();
    assertThat(eval(result, "{{ start.all }}"))
        .isEqualTo(List.of(5L, false, 2L, 1L, 3L, 4L, 1L, 2L, 2L, 5L, 5L));
    assertThat(result.writes())
        .containsExactly(
            new CtxWrite(List.of("a", "b"), 2L), write("p", 1L), write("q", 2L), write("r", 5L));
  }

  @Test
  @Rule("6.5")
  void writesSurviveASoftError() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool:
              kind: python
              code: "raise ValueError('x')"
              spec: {policy: {rules: [{else: {do: fail, set: {ctx.seen: "{{ output.error.kind }}"}}}]}}
            """);
    assertThat(result.outcome().error()).containsEntry("kind", "python");
    assertThat(result.writes()).containsExactly(write("seen", "python"));
  }

  @Test
  @Rule({"6.5", "14.1"})
  void templateFaultsAreHardErrorsThatNameThePlace() throws Exception {
    CommandResult field =
        commands.run("tool:\n  - {name: a, kind: noop, result: \"{{ 1 // 0 }}\"}");
    assertThat(field.outcome().hard()).isTrue();
    assertThat(field.outcome().error()).containsEntry("kind", "template");
    assertThat(String.valueOf(field.outcome().error().get("message"))).contains("field 'result'");
    CommandResult set =
        commands.run("tool:\n  - {name: a, kind: noop, set: {x: \"{{ 1 // 0 }}\"}}");
    assertThat(set.outcome().hard()).isTrue();
    assertThat(String.valueOf(set.outcome().error().get("message"))).contains("Task 'a'", "set x");
  }

  @Test
  @Rule({"8.2", "11.2"})
  void stepInputReachesEveryTask() throws Exception {
    CommandResult result =
        commands.run(
            """
            input: {x: 1, y: 2}
            tool:
              - {name: a, kind: python, input: {y: 3}, code: "result = [x, y]"}
              - {name: b, kind: noop, result: "{{ [x, y] }}"}
              - {name: c, kind: noop, input: {y: "{{ a }}"}, result: "{{ y }}"}
            """);
    assertThat(result.outcome().error()).isNull();
    assertData(result, "{'a': [1, 3], 'b': [1, 2], 'c': [1, 3], 'data': [1, 3]}");
  }

  @Test
  @Rule("10.4")
  void codeReadsTheContextOfTheCommand() throws Exception {
    commands.ctx.put("c", 2L);
    commands.workload.put("w", 1L);
    commands.steps.put("earlier", Outcome.success(Map.of("k", 9L)));
    commands.iter = Map.of("item", 7L, "_index", 0L);
    commands.names.putAll(Map.of("item", 7L, "_index", 0L, "loop_index", 0L, "_total", 1L));
    CommandResult result =
        commands.run(
            """
            tool:
              - {name: a, kind: noop, set: {ctx.more: 5, local: 6}}
              - name: b
                kind: python
                code: |
                  result = [workload["w"], ctx["c"], ctx["more"], context["local"], iter["item"],
                            context["earlier"]["k"], context["a"]["status"], item, loop_index,
                            variables["_prev"]["message"], execution_id, step]
            """);
    assertThat(result.outcome().error()).isNull();
    assertThat(((Map<?, ?>) result.outcome().data()).get("b"))
        .isEqualTo(json("[1, 2, 5, 6, 7, 9, 'ok', 7, 0, 'noop', '123456789', 'start']"));
  }

  @Test
  @Rule("6.1")
  void singleToolSeesNamesThatOnlyAWorkerHas() throws Exception {
    CommandResult result =
        commands.run(
            "tool: {kind: noop, result: \"{{ [step, worker_id, action, node_name, _attempt] }}\"}");
    assertData(result, "['start', 'w-test', 'noop', 'start', 1]");
  }

  @Test
  @Rule("7.1")
  void dataIsNeverRenderedAsATemplate() throws Exception {
    commands.workload.put("evil", "{{ worker_id }}{{ keychain.x.y }}");
    CommandResult single =
        commands.run(
            """
            tool:
              kind: noop
              input: {v: "{{ workload.evil }}"}
              result: ["{{ workload.evil }}", "{{ v }}"]
              spec: {policy: {rules: [{when: "{{ _attempt < 2 }}", then: {do: retry, delay: 0, set: {ctx.x: 1}}}]}}
            """);
    assertThat(single.outcome().data())
        .isEqualTo(List.of(commands.workload.get("evil"), commands.workload.get("evil")));
  }

  @Test
  @Rule("9.17")
  void unavailableKindsAreHardErrors() throws Exception {
    CommandResult result = commands.run("tool: {kind: snowflake, command: select 1}");
    assertThat(result.outcome().hard()).isTrue();
    assertThat(result.outcome().error()).containsEntry("message", "Tool not available: snowflake");
  }

  @Test
  @Rule("4.3")
  void stepTimeoutInterruptsARunningTask() throws Exception {
    commands.timeout = Duration.ofMillis(500);
    CommandResult result =
        commands.run(
            """
            tool:
              - {name: a, kind: noop, result: {n: 1}, set: {ctx.x: 1}}
              - {name: b, kind: python, code: "time.sleep(60)"}
            """);
    assertThat(result.outcome().status()).isEqualTo(Status.TIMEOUT);
    assertThat(result.outcome().hard()).isFalse();
    assertThat(result.outcome().error())
        .containsEntry("kind", "timeout")
        .containsEntry("message", "Step timed out after 0.5 s");
    assertThat(((Map<?, ?>) result.outcome().data()).get("failed_task")).isEqualTo("b");
    assertThat(result.writes()).containsExactly(write("x", 1L));
    CommandResult hanging = commands.run("tool: {kind: http, url: \"{{ workload.base }}/hang\"}");
    assertThat(hanging.outcome().status()).isEqualTo(Status.TIMEOUT);
    assertThat(hanging.outcome().hard()).isFalse();
  }

  @Test
  @Rule("4.3")
  void stepTimeoutInterruptsAToolThatDoesNotStop() throws Exception {
    commands.timeout = Duration.ofMillis(50);
    commands.runner =
        commands.runner(
            new io.noetl.tool.ToolExecutor() {
              @Override
              public Outcome run(io.noetl.tool.ToolCall call) throws InterruptedException {
                new CountDownLatch(1).await();
                return Outcome.success(1L);
              }

              @Override
              public void close() {
                // holds nothing
              }
            },
            SequenceSettings.DEFAULT,
            commands.waits::add);
    CommandResult result = commands.run("tool: {kind: noop}");
    assertThat(result.outcome().status()).isEqualTo(Status.TIMEOUT);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void retryDelayEndsWithTheStep() throws Exception {
    commands.timeout = Duration.ofMillis(200);
    commands.runner = commands.runner(commands.executors, SequenceSettings.DEFAULT, Sleeper.THREAD);
    CommandResult result =
        commands.run(
            """
            tool:
              kind: http
              url: "{{ workload.base }}/missing"
              spec: {policy: {rules: [{else: {do: retry, attempts: 9, delay: 60}}]}}
            """);
    assertThat(result.outcome().status()).isEqualTo(Status.TIMEOUT);
  }

  @Test
  void cancellationInterruptsARetryDelay() throws Exception {
    CountDownLatch sleeping = new CountDownLatch(1);
    commands.runner =
        commands.runner(
            commands.executors,
            SequenceSettings.DEFAULT,
            time -> {
              sleeping.countDown();
              Sleeper.THREAD.sleep(time);
            });
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    commands.run(
                        "tool: {kind: noop, spec: {policy: {rules: [{else: {do: retry, delay:"
                            + " 600}}]}}}");
                  } catch (InterruptedException e) {
                    thrown.set(e);
                  }
                });
    sleeping.await();
    thread.interrupt();
    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
  }

  @Test
  @Rule("7.7")
  void aGuardThatCannotBeEvaluatedDoesNotMatchAndIsRemembered() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool:
              - name: a
                kind: noop
                spec: {policy: {rules: [{when: "{{ 1 // 0 }}", then: {do: fail}}, {when: "1 +", then: {do: fail}}]}}
            """);

    assertThat(result.outcome().succeeded()).isTrue();
    assertThat((List<?>) result.outcome().meta().get("warnings"))
        .hasSize(2)
        .allSatisfy(
            warning ->
                assertThat(String.valueOf(warning))
                    .startsWith("policy of task 'a': guard '")
                    .contains("does not match"));
  }

  @Test
  @Rule("11.6")
  void resultsOfASequenceAreThoseOfItsTasksAlone() throws Exception {
    CommandResult result =
        commands.run(
            """
            tool:
              - {name: a, kind: noop, result: {b: taken, x: 1}}
              - {name: b, kind: noop, result: [1]}
            """);

    Object view = Views.step(result.outcome());
    assertThat(((TemplateObject) view).member("results"))
        .isEqualTo(json("{'a': {'b': 'taken', 'x': 1}, 'b': [1]}"));
    assertThat(((TemplateObject) view).member("b")).isEqualTo("taken");
  }

  @Test
  @Rule("21.4")
  void executionsThatWereStartedWithoutRetypingKeepTheirTexts() throws Exception {
    commands.retypeStrings = false;
    commands.workload.put("n", "12");

    CommandResult result = commands.run("tool: [{name: a, kind: noop, result: \"{{ n }}\"}]");

    assertData(result, "{'a': '12', 'data': '12'}");
  }
}
