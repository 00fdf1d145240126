package io.noetl.playbook;

import static io.noetl.playbook.Parsing.sequence;
import static io.noetl.playbook.Parsing.single;
import static io.noetl.playbook.Parsing.startWarnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.playbook.Policy.Action;
import io.noetl.playbook.Policy.Rule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every accepted shape of a policy, and its way through a command. */
@io.noetl.language.Rule("11.4")
class PolicyFormsTest {
  private static Policy policy(String policy) {
    return single("tool: {kind: http, spec: {policy: " + policy + "}}").policy();
  }

  private static Rule rule(String rule) {
    List<Rule> rules = policy("{rules: [" + rule + "]}").rules();
    assertThat(rules).hasSize(1);
    return rules.getFirst();
  }

  private static Rule plain(Object when, Action action) {
    return new Rule(when, action, List.of(), null, null, null, null, null);
  }

  @Test
  void readsEveryShapeOfARule() {
    Rule expected =
        new Rule(
            "a == 1", Action.FAIL, List.of(new Mutation("x", 1L)), null, null, null, null, null);
    assertThat(rule("{when: a == 1, then: {do: fail, set: {x: 1}}}")).isEqualTo(expected);
    assertThat(rule("{when: a == 1, do: fail, set: {x: 1}}")).isEqualTo(expected);
    assertThat(rule("{when: a == 1, then: fail}")).isEqualTo(plain("a == 1", Action.FAIL));
    assertThat(rule("{else: {then: {do: break}}}")).isEqualTo(plain(null, Action.BREAK));
    assertThat(rule("{else: {then: break}}")).isEqualTo(plain(null, Action.BREAK));
    assertThat(rule("{else: {do: break}}")).isEqualTo(plain(null, Action.BREAK));
    assertThat(rule("{else: break}")).isEqualTo(plain(null, Action.BREAK));
    assertThat(rule("{else: null, then: {do: break}}")).isEqualTo(plain(null, Action.BREAK));
    assertThat(rule("{then: {do: break}}")).isEqualTo(plain(null, Action.BREAK));
    assertThat(rule("{when: true, then: {}}")).isEqualTo(plain(true, Action.CONTINUE));
    assertThat(rule("{when: x}")).isEqualTo(plain("x", Action.CONTINUE));
    assertThat(rule("{when: x, else: {do: fail}, then: {do: break}}"))
        .isEqualTo(plain("x", Action.BREAK));
    assertThat(rule("{when: x, then: {do: ' Retry '}}")).isEqualTo(plain("x", Action.RETRY));
  }

  @Test
  void keepsAmountsAsWritten() {
    assertThat(
            rule("{else: {do: retry, attempts: '5', delay: 0.5, backoff: linear, max_delay: 10s}}"))
        .isEqualTo(new Rule(null, Action.RETRY, List.of(), "5", "linear", 0.5, "10s", null));
    assertThat(rule("{else: {do: retry, attempts: \"{{ n }}\", delay: 500ms}}"))
        .isEqualTo(new Rule(null, Action.RETRY, List.of(), "{{ n }}", null, "500ms", null, null));
  }

  @Test
  void readsWhatHappensWithoutAMatch() {
    assertThat(policy("{on_unmatched: continue}"))
        .isEqualTo(new Policy(List.of(), Policy.Unmatched.CONTINUE));
    assertThat(policy("{on_unmatched: fail, mode: exclusive, rules: []}"))
        .isEqualTo(new Policy(List.of(), Policy.Unmatched.FAIL));
    assertThat(policy("{on_unmatched: odd}")).isNull();
    assertThat(policy("{}")).isNull();
    assertThat(policy("null")).isNull();
    assertThat(
            sequence("tool: [{kind: noop, spec: {on_error: continue}}]").getFirst().spec().policy())
        .isEqualTo(new Policy(List.of(), Policy.Unmatched.CONTINUE));
  }

  @Test
  void acceptsStaticTemplatedAndRelativeJumps() {
    String jump = "{kind: noop, spec: {policy: {rules: [{else: {do: jump, to: %s}}]}}}";
    for (String to :
        List.of(
            "a", "b", "task_2", "previous", "prev", "_previous", "'@previous'", "\"{{ x }}\"")) {
      List<Tool.Task> tasks =
          sequence("tool: [{a: {kind: noop}}, {b: {kind: noop}}, " + jump.formatted(to) + "]");
      assertThat(tasks.getLast().spec().policy().rules().getFirst().to())
          .isEqualTo(to.replaceAll("['\"]", ""));
    }
    assertThat(single("tool: " + jump.formatted("start")).policy().rules().getFirst().to())
        .isEqualTo("start");
    assertThat(
            single("tool: " + jump.formatted("me").replace("{kind: noop", "{kind: noop, name: me"))
                .policy()
                .rules())
        .hasSize(1);
  }

  @Test
  @io.noetl.language.Rule("5")
  void translatesEval() {
    String tool =
        """
        tool:
          kind: http
          eval:
            - expr: "{{ outcome.status == 'error' and x.outcome and 'outcome' }}"
              do: retry
              attempts: 2
              backoff: fixed
              delay: 1
            - expr: outcome.data.outcome == "outcome"
              do: jump
              target: previous
            - expr: "{{ outcome.ok }}"
              do: continue
              set_vars: {a: "outcome {{ outcome.data }}", b: [1]}
            - do: break
            - else: {do: fail, set_vars: {c: 1}}
        """;
    assertThat(single(tool).policy())
        .isEqualTo(
            new Policy(
                List.of(
                    new Rule(
                        "{{ output.status == 'error' and x.outcome and 'outcome' }}",
                        Action.RETRY,
                        List.of(),
                        2L,
                        "fixed",
                        1L,
                        null,
                        null),
                    new Rule(
                        "output.data.outcome == \"outcome\"",
                        Action.JUMP,
                        List.of(),
                        null,
                        null,
                        null,
                        null,
                        "previous"),
                    new Rule(
                        "{{ output.ok }}",
                        Action.CONTINUE,
                        List.of(
                            new Mutation("ctx.a", "outcome {{ output.data }}"),
                            new Mutation("ctx.b", List.of(1L))),
                        null,
                        null,
                        null,
                        null,
                        null),
                    plain(null, Action.BREAK),
                    new Rule(
                        null,
                        Action.FAIL,
                        List.of(new Mutation("ctx.c", 1L)),
                        null,
                        null,
                        null,
                        null,
                        null)),
                null));
    assertThat(startWarnings(tool)).contains("policy.eval");
  }

  @Test
  @io.noetl.language.Rule("5")
  void prefersRulesOverEval() {
    assertThat(
            single(
                    "tool: {kind: http, eval: [{do: fail}],"
                        + " spec: {policy: {rules: [{else: {do: break}}]}}}")
                .policy()
                .rules())
        .containsExactly(plain(null, Action.BREAK));
    assertThat(
            single(
                    "tool: {kind: http, eval: [{do: fail}],"
                        + " spec: {policy: {on_unmatched: continue}}}")
                .policy())
        .isEqualTo(new Policy(List.of(plain(null, Action.FAIL)), Policy.Unmatched.CONTINUE));
  }

  @Test
  void makesAnEqualToolFromItsSource() {
    ToolSpec tool =
        single(
            """
            tool:
              kind: HTTP
              url: "{{ u }}"
              headers: {b: 1, a: null, c: [1.5, true, 123456789012345678901234567890]}
              args: {z: 1}
              credential: tok
              timeout: 500ms
              set: {y: 1, x: {n: null}}
              retry: {max_attempts: "{{ n }}", retry_on: timeout, stop_when: false}
              output_select: [a]
              spec:
                timeout: 1500ms
                extra: up
                policy:
                  on_unmatched: fail
                  rules:
                    - {when: true, then: {do: continue, set: {b: 1, a: 2}}}
                    - {else: {do: jump, to: previous, set: {c: "{{ b }}"}}}
            """);
    assertThat(ToolParser.parse(tool.source())).isEqualTo(tool);
    Map<String, Object> sent = Json.parseObject(Json.text(tool.source()));
    assertThat(ToolParser.parse(sent)).isEqualTo(tool);
    assertThat(ToolParser.parse(sent).policy().rules().getFirst().set())
        .containsExactly(new Mutation("b", 1L), new Mutation("a", 2L));
  }

  @Test
  void refusesSourcesThatAreNoNormalForm() {
    for (Map<String, Object> source :
        List.<Map<String, Object>>of(
            Map.of(),
            Map.of("kind", "agent"),
            Map.of("kind", "http", "spec", 3L),
            Map.of("kind", "http", "set", Map.of("a", 1L)),
            Map.of("kind", "http", "retry", Map.of()),
            Map.of("kind", "http", "spec", Map.of("timeout", "soon")),
            Map.of("kind", "http", "spec", Map.of("policy", Map.of("rules", List.of(1L)))))) {
      org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
          .isThrownBy(() -> ToolParser.parse(source))
          .withMessageStartingWith("Expected ");
    }
  }
}
