package io.noetl.playbook;

import static io.noetl.playbook.Parsing.error;
import static io.noetl.playbook.Parsing.routed;
import static io.noetl.playbook.Parsing.routedBody;
import static io.noetl.playbook.Parsing.start;
import static io.noetl.playbook.Parsing.startError;
import static io.noetl.playbook.Parsing.startWarnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every accepted spelling of the members of a step, except tool. */
class StepFormsTest {
  private static final String NOOP = "tool: {kind: noop}\n";

  @Test
  @Rule({"4.1", "8.2"})
  void mergesArgsUnderInput() {
    assertThat(start(NOOP + "args: {a: 1, b: 1}\ninput: {b: 2}").input())
        .isEqualTo(Map.of("a", 1L, "b", 2L));
    assertThat(start(NOOP + "args: {a: 1}").input()).isEqualTo(Map.of("a", 1L));
    assertThat(startWarnings(NOOP + "args: {a: 1}")).containsExactly("step.args");
  }

  @Test
  @Rule("8.1")
  void givesInputThatIsNoMapToToolsWithoutTheirOwn() {
    Step step = start("tool: [{kind: python, code: x}, {kind: noop, input: {a: 1}}]\ninput: [1]");
    assertThat(step.input()).isEmpty();
    List<Tool.Task> tasks = ((Tool.Sequence) step.tool()).tasks();
    assertThat(tasks.get(0).spec().input()).isEqualTo(List.of(1L));
    assertThat(tasks.get(1).spec().input()).isEqualTo(Map.of("a", 1L));
  }

  @Test
  @Rule({"4.1", "6.5"})
  void collectsMutationsOfAllSpellings() {
    assertThat(
            start(
                    NOOP
                        + """
                        set: {ctx.a: 1, b: "{{ x }}", iter.c: {d: 1}, vars.e: 2, step.f: 3, g.h: 4}
                        vars: {i: 5, ctx.j: 6}
                        set_ctx: {k: 7}
                        set_iter: {l: 8}
                        """)
                .set())
        .containsExactly(
            new Mutation("ctx.i", 5L),
            new Mutation("ctx.j", 6L),
            new Mutation("ctx.k", 7L),
            new Mutation("iter.l", 8L),
            new Mutation("ctx.a", 1L),
            new Mutation("b", "{{ x }}"),
            new Mutation("iter.c", Map.of("d", 1L)),
            new Mutation("ctx.e", 2L),
            new Mutation("ctx.f", 3L),
            new Mutation("g.h", 4L));
    assertThat(start(NOOP + "vars: {x: 1}\nset: {ctx.x: 2}").set())
        .containsExactly(new Mutation("ctx.x", 2L));
    assertThat(startWarnings(NOOP + "vars: {x: 1}")).containsExactly("set.alias");
    assertThat(startError(NOOP + "set: [a]").rule()).isEqualTo("set.shape");
  }

  @Test
  @Rule("4.2")
  void readsGuards() {
    assertThat(start(NOOP).when()).isNull();
    assertThat(start(NOOP + "when:").when()).isNull();
    assertThat(start(NOOP + "when: false").when()).isEqualTo(false);
    assertThat(start(NOOP + "when: a == 1").when()).isEqualTo("a == 1");
    assertThat(start(NOOP + "when: 0").when()).isEqualTo("0");
    assertThat(startWarnings(NOOP + "when: \"{{ x }}\"")).containsExactly("step.when");
  }

  @Test
  @Rule("4.2")
  void readsAdmissionRulesOfAllShapes() {
    String step =
        NOOP
            + """
            spec:
              policy:
                admit:
                  mode: exclusive
                  rules:
                    - {when: "{{ a }}", then: {allow: true}}
                    - {when: "{{ b }}", allow: no}
                    - {when: true, then: {allow: false}, else: {allow: true}}
                    - {else: {then: {allow: false}}}
                    - {else: {allow: false}}
                    - {else: null, then: {allow: false}}
                    - {when: "{{ c }}"}
            """;
    assertThat(start(step).admit())
        .containsExactly(
            new Step.AdmitRule("{{ a }}", true),
            new Step.AdmitRule("{{ b }}", false),
            new Step.AdmitRule(true, false),
            new Step.AdmitRule(null, false),
            new Step.AdmitRule(null, false),
            new Step.AdmitRule(null, false),
            new Step.AdmitRule("{{ c }}", true));
    assertThat(start(NOOP + "spec: {policy: {admit: [{else: {allow: false}}]}}").admit())
        .containsExactly(new Step.AdmitRule(null, false));
    assertThat(startError(NOOP + "spec: {policy: {admit: {rules: [{allow: maybe}]}}}").rule())
        .isEqualTo("admit.allow");
  }

  @Test
  @Rule("4.3")
  void readsTimeouts() {
    assertThat(timeout("timeout: 30s")).isEqualTo(Duration.ofSeconds(30));
    assertThat(timeout("timeout: 500ms")).isEqualTo(Duration.ofMillis(500));
    assertThat(timeout("timeout: 2h")).isEqualTo(Duration.ofHours(2));
    assertThat(timeout("timeout: 1.5")).isEqualTo(Duration.ofMillis(1500));
    assertThat(timeout("policy: {lifecycle: {timeout_s: 9, deadline_s: 99}}"))
        .isEqualTo(Duration.ofSeconds(9));
    assertThat(timeout("timeout: 1, policy: {lifecycle: {timeout_s: 9}}"))
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(timeout("x: 1")).isNull();
    assertThat(startWarnings(NOOP + "spec: {timeout: soon}")).containsExactly("timeout.shape");
  }

  private static Duration timeout(String spec) {
    return start(NOOP + "spec: {" + spec + "}").options().timeout();
  }

  @Test
  @Rule("4.3")
  void readsMeaningOfErrors() {
    assertThat(onError(NOOP)).isEqualTo(StepOptions.OnError.ROUTE);
    assertThat(onError(NOOP + "spec: {on_error: fail}")).isEqualTo(StepOptions.OnError.FAIL);
    assertThat(onError(NOOP + "spec: {on_error: continue}"))
        .isEqualTo(StepOptions.OnError.CONTINUE);
    assertThat(onError(NOOP + "spec: {policy: {failure: {mode: best_effort}}}"))
        .isEqualTo(StepOptions.OnError.CONTINUE);
    assertThat(onError(NOOP + "spec: {policy: {failure: {mode: fail_fast}}}"))
        .isEqualTo(StepOptions.OnError.FAIL);
    assertThat(onError("tool: {kind: noop, spec: {on_error: continue}}"))
        .isEqualTo(StepOptions.OnError.CONTINUE);
    assertThat(onError("tool: {kind: noop, spec: {on_error: continue}}\nspec: {on_error: fail}"))
        .isEqualTo(StepOptions.OnError.FAIL);
    assertThat(startWarnings(NOOP + "spec: {on_error: explode}"))
        .containsExactly("step.on-error.unknown");
  }

  private static StepOptions.OnError onError(String start) {
    return start(start).options().onError();
  }

  @Test
  @Rule("4.3")
  void repeatsThreeTimesAtOnceOnErrorRetry() {
    Step step = start(NOOP + "spec: {on_error: retry}");
    Retry expected = new Retry(3L, 0L, null, null, null, List.of("error"), null, null);
    assertThat(step.options().onError()).isEqualTo(StepOptions.OnError.ROUTE);
    assertThat(((Tool.Single) step.tool()).spec().retry()).isEqualTo(expected);
    assertThat(Parsing.single("tool: {kind: noop, spec: {on_error: retry}}").retry())
        .isEqualTo(expected);
    List<Tool.Task> tasks =
        Parsing.sequence("tool: [{kind: noop, spec: {on_error: retry}}, {kind: noop}]");
    assertThat(tasks.get(0).spec().retry()).isEqualTo(expected);
    assertThat(tasks.get(1).spec().retry()).isNull();
  }

  @Test
  @Rule("12")
  void readsLoops() {
    assertThat(loop("{in: \"{{ xs }}\", iterator: x}"))
        .isEqualTo(new Loop("{{ xs }}", null, "x", Loop.Mode.SEQUENTIAL, null, Map.of()));
    assertThat(loop("{in: [1, 2], spec: {mode: parallel, max_in_flight: 5}}"))
        .isEqualTo(new Loop(List.of(1L, 2L), null, "item", Loop.Mode.PARALLEL, 5L, Map.of()));
    assertThat(loop("{in: 3, mode: Parallel, max_in_flight: '{{ n }}', iterator: null}"))
        .isEqualTo(new Loop(3L, null, "item", Loop.Mode.PARALLEL, "{{ n }}", Map.of()));
    assertThat(loop("{in: {a: 1}, policy: {exec: local}, preserve_order: true}").in())
        .isEqualTo(Map.of("a", 1L));
    assertThat(loop("null")).isNull();
    assertThat(startWarnings(NOOP + "loop: {in: [1], mode: parallel, iterator: a-b}"))
        .containsExactlyInAnyOrder("loop.mode.place", "loop.iterator.name");
  }

  @Test
  @Rule("12.7")
  void readsCursorLoops() {
    assertThat(
            loop(
                "{cursor: {credential: pg, claim: select 1}, iterator: row,"
                    + " spec: {mode: cursor, max_in_flight: 4, frame: {max_rows: 2},"
                    + " process: frame}}"))
        .isEqualTo(
            new Loop(
                null,
                new Loop.Cursor(ToolKind.POSTGRES, "select 1", Map.of("auth", "pg")),
                "row",
                Loop.Mode.CURSOR,
                4L,
                Map.of("max_rows", 2L, "process", "frame")));
    Loop other = loop("{cursor: {kind: DuckDB, claim: x, db_path: f}}");
    assertThat(other.mode()).isEqualTo(Loop.Mode.CURSOR);
    assertThat(other.cursor())
        .isEqualTo(new Loop.Cursor(ToolKind.DUCKDB, "x", Map.of("db_path", "f")));
  }

  private static Loop loop(String loop) {
    return start(NOOP + "loop: " + loop).loop();
  }

  @Test
  @Rule("13.1")
  void readsEveryFormOfNext() {
    assertThat(start(NOOP).router()).isEqualTo(Router.NONE);
    for (String none : List.of("null", "[]", "{arcs: []}", "{arcs: }")) {
      assertThat(start(NOOP + "next: " + none).router()).isEqualTo(Router.NONE);
    }
    assertThat(routed("next: b").router()).isEqualTo(exclusive(to("b")));
    assertThat(routed("next: [b, c]").router())
        .isEqualTo(new Router(Router.Mode.INCLUSIVE, List.of(to("b"), to("c"))));
    assertThat(routed("next: [{step: b, when: \"{{ x }}\"}, {step: c}]").router())
        .isEqualTo(exclusive(new Router.Arc("b", "{{ x }}", List.of()), to("c")));
    assertThat(routed("next: [b, {step: c}]").router()).isEqualTo(exclusive(to("b"), to("c")));
    assertThat(routed("next: {step: b, when: true, set: {x: 1}}").router())
        .isEqualTo(exclusive(new Router.Arc("b", true, List.of(new Mutation("x", 1L)))));
    assertThat(routed("next: {spec: {mode: inclusive}, arcs: [{step: b}, c]}").router())
        .isEqualTo(new Router(Router.Mode.INCLUSIVE, List.of(to("b"), to("c"))));
    assertThat(routed("next: {spec: {on_no_match: quiet}, arcs: [{step: end}]}").router())
        .isEqualTo(exclusive(to("end")));
  }

  @Test
  @Rule("13.2")
  void readsRoutingModes() {
    assertThat(mode("next: {spec: {mode: INCLUSIVE}, arcs: [b, c]}"))
        .isEqualTo(Router.Mode.INCLUSIVE);
    assertThat(mode("next: {spec: {mode: odd}, arcs: [b, c]}")).isEqualTo(Router.Mode.EXCLUSIVE);
    assertThat(mode("spec: {next_mode: inclusive}\nnext: [{step: b}, {step: c}]"))
        .isEqualTo(Router.Mode.INCLUSIVE);
    assertThat(mode("spec: {next_mode: exclusive}\nnext: [b, c]")).isEqualTo(Router.Mode.EXCLUSIVE);
    assertThat(mode("spec: {next_mode: inclusive}\nnext: {spec: {mode: exclusive}, arcs: [b, c]}"))
        .isEqualTo(Router.Mode.EXCLUSIVE);
    assertThat(Parsing.warnings(routedBody("next: {spec: {mode: odd}, arcs: [b, c]}")))
        .containsExactly("next.mode.unknown");
  }

  private static Router.Mode mode(String members) {
    return routed(members).router().mode();
  }

  @Test
  @Rule("13.1")
  void readsAliasesOfArcSetAndIgnoresOtherArcKeys() {
    Step step =
        routed(
            "next: [{step: b, with: {a: 1, b: 1}, args: {c: 1}, set: {b: 2, ctx.d: 1}},"
                + " {step: c, cond: x}]");
    assertThat(step.router().arcs().getFirst().set())
        .containsExactly(
            new Mutation("c", 1L),
            new Mutation("a", 1L),
            new Mutation("b", 2L),
            new Mutation("ctx.d", 1L));
    assertThat(step.router().arcs().getLast().when()).isNull();
    assertThat(Parsing.warnings(routedBody("next: [{step: b, cond: x}, {step: c}]")))
        .containsExactly("next.arc.key");
  }

  @Test
  @Rule("13.8")
  void allowsArcsToUndefinedEnd() {
    assertThat(start(NOOP + "next: end").router().arcs()).containsExactly(to("end"));
    assertThat(error("workflow: [{step: start, tool: {kind: noop}, next: End}]").rule())
        .isEqualTo("next.target.unknown");
  }

  private static Router exclusive(Router.Arc... arcs) {
    return new Router(Router.Mode.EXCLUSIVE, List.of(arcs));
  }

  private static Router.Arc to(String step) {
    return new Router.Arc(step, null, List.of());
  }

  @Test
  @Rule("15")
  void mergesOutputOfStepAndTool() {
    assertThat(start("tool: {kind: noop, output: {store: {kind: kv}, as: t}}\noutput: {as: s}"))
        .extracting(Step::output)
        .isEqualTo(Map.of("store", Map.of("kind", "kv"), "as", "t"));
    assertThat(start("tool: {kind: noop, output_select: [a, b]}").output())
        .isEqualTo(Map.of("select", List.of("a", "b")));
    assertThat(start(NOOP + "output: {output_select: [a]}").output())
        .isEqualTo(Map.of("select", List.of("a")));
    assertThat(start("tool: {kind: noop, output_select: {strategy: x}}").output()).isEmpty();
    assertThat(
            start("tool: [{kind: noop, output_select: [a]}, {kind: noop, output_select: [b]}]")
                .output())
        .isEqualTo(Map.of("select", List.of("a", "b")));
  }

  @Test
  @Rule("4.1")
  void acceptsIgnoredKeysAndSaysSo() {
    assertThat(
            startWarnings(
                NOOP + "sink: {a: 1}\nsave: x\nassert: y\ncommand: z\nnxt: b\ndesc: fine"))
        .hasSize(5)
        .containsOnly("step.key.ignored");
    assertThat(startWarnings(NOOP + "description: fine")).isEmpty();
  }

  @Test
  void acceptsDotsInStepNamesWithAWarning() {
    assertThat(
            Parsing.warnings(
                "workflow: [{step: start, tool: {kind: noop}, next: a.b},"
                    + " {step: a.b, tool: {kind: noop}}]"))
        .containsExactly("step.name.dots");
  }

  @Test
  @Rule("11.7")
  void movesRetryOfStepToItsTools() {
    assertThat(((Tool.Single) start(NOOP + "retry: 4").tool()).spec().retry())
        .isEqualTo(new Retry(4L, 1L, "exponential", null, null, List.of(), null, null));
    List<Tool.Task> tasks =
        Parsing.sequence("tool: [{kind: noop}, {kind: noop, retry: 2}]\nretry: 4");
    assertThat(tasks.get(0).spec().retry().attempts()).isEqualTo(4L);
    assertThat(tasks.get(1).spec().retry().attempts()).isEqualTo(2L);
    assertThat(startWarnings(NOOP + "retry: 4")).containsExactly("step.retry");
  }

  @Test
  @Rule("13.4")
  void warnsAboutEventsThatAreNeverSent() {
    assertThat(
            Parsing.warnings(
                routedBody(
                    "next: [{step: b, when: \"{{ event.name == 'step.exit' }}\"}, {step: c}]")))
        .containsExactly("guard.event.unknown");
  }
}
