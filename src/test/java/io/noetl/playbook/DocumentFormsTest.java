package io.noetl.playbook;

import static io.noetl.playbook.Parsing.HEADER;
import static io.noetl.playbook.Parsing.playbook;
import static io.noetl.playbook.Parsing.valid;
import static io.noetl.playbook.Parsing.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Root keys and the options of the executor. */
class DocumentFormsTest {
  private static final String NOOP = "workflow: [{step: start, tool: {kind: noop}}]\n";

  private static Playbook withMetadata(String metadata) {
    return valid(HEADER.replace("{name: t, path: spec/t}", metadata) + NOOP).playbook();
  }

  @Test
  @Rule("2.2")
  void readsNameAndPath() {
    assertThat(withMetadata("{name: t, path: /a/b/}").path()).isEqualTo("a/b");
    assertThat(withMetadata("{name: t, path: a/b}").path()).isEqualTo("a/b");
    assertThat(withMetadata("{name: /x/t}").path()).isEqualTo("x/t");
    assertThat(withMetadata("{name: t, path: /}").path()).isEqualTo("t");
    assertThat(withMetadata("{name: 5, version: 2.1, free: [x]}").name()).isEqualTo("5");
  }

  @Test
  @Rule("3")
  void acceptsTheSynonymOfTheApiVersion() {
    ParseResult.Valid result = valid(HEADER.replace("io/v2", "io/v10") + NOOP);
    assertThat(result.warnings().getFirst().hint()).isEqualTo("write apiVersion: noetl.io/v2");
  }

  @Test
  @Rule({"3", "3.2"})
  void keepsDataOfTheRoot() {
    Playbook playbook =
        playbook(
            """
            workload: {a: "{{ b }}", b: 1}
            vars: {v: "{{ workload.a }}"}
            spec: {s: 1}
            keychain: [{name: k, kind: static, data: {x: 1}}]
            tracing: true
            anything: [else]
            """
                + NOOP);
    assertThat(playbook.workload()).isEqualTo(Map.of("a", "{{ b }}", "b", 1L));
    assertThat(playbook.vars()).isEqualTo(Map.of("v", "{{ workload.a }}"));
    assertThat(playbook.spec()).isEqualTo(Map.of("s", 1L));
    assertThat(playbook.keychain())
        .isEqualTo(List.of(Map.of("name", "k", "kind", "static", "data", Map.of("x", 1L))));
  }

  @Test
  @Rule("3")
  void warnsAboutLegacyAndMisspeltRootKeys() {
    assertThat(warnings("vars: {a: 1}\nspec: {b: 1}\nworklaod: {}\n" + NOOP))
        .containsExactly("document.vars", "document.spec", "document.key.ignored");
    assertThat(warnings("keychain: [{kind: static}, {name: a}, {name: a}]\n" + NOOP))
        .containsExactly("keychain.name", "keychain.duplicate");
  }

  @Test
  @Rule("3")
  void acceptsEmptyRootValues() {
    Playbook playbook =
        playbook("workload:\nvars:\nexecutor:\nkeychain:\nworkbook:\nspec:\n" + NOOP);
    assertThat(playbook.workload()).isEmpty();
    assertThat(playbook.executor()).isEqualTo(ExecutorOptions.DEFAULT);
  }

  @Test
  @Rule("3.1")
  void readsExecutorOptions() {
    Playbook playbook =
        playbook(
            """
            executor:
              profile: local
              version: 1
              requires: {tools: [http]}
              spec:
                entry_step: first
                final_step: last
                no_next_is_error: true
                policy:
                  defaults: {timeout_s: 90}
                  results: {reference_first: true}
                  failure: {mode: fail_fast}
            workflow:
              - {step: first, tool: {kind: noop}}
              - {step: last, tool: {kind: noop}}
            """);
    assertThat(playbook.executor())
        .isEqualTo(
            new ExecutorOptions(
                "first",
                "last",
                true,
                Duration.ofSeconds(90),
                ExecutorOptions.FailureMode.FAIL_FAST));
    assertThat(playbook.entryStep()).isEqualTo("first");
  }

  @Test
  @Rule("3.1")
  void readsFailureModes() {
    String executor = "executor: {spec: {policy: {failure: {mode: %s}}}}\n" + NOOP;
    assertThat(playbook(executor.formatted("best_effort")).executor().failureMode())
        .isEqualTo(ExecutorOptions.FailureMode.BEST_EFFORT);
    assertThat(playbook(executor.formatted("whatever")).executor().failureMode())
        .isEqualTo(ExecutorOptions.FailureMode.ROUTE);
  }

  @Test
  void keepsStepsInDocumentOrder() {
    Playbook playbook =
        playbook(
            """
            workflow:
              - {step: z, tool: {kind: noop}}
              - {step: start, tool: {kind: noop}, next: [z, a]}
              - {step: a, tool: {kind: noop}}
            """);
    assertThat(playbook.steps().keySet()).containsExactly("z", "start", "a");
    assertThat(playbook.entryStep()).isEqualTo("start");
  }

  @Test
  void warnsAboutStepsThatAreNeverReached() {
    ParseResult.Valid result =
        valid(
            HEADER
                + """
                workflow:
                  - {step: start, tool: {kind: noop}, next: end}
                  - {step: lost, tool: {kind: noop}, next: found}
                  - {step: found, tool: {kind: noop}}
                  - {step: end, tool: {kind: noop}}
                """);
    assertThat(result.warnings().stream().map(Diagnostic::message))
        .containsExactly("Step 'lost' is never reached", "Step 'found' is never reached");
    assertThat(
            warnings(
                "executor: {spec: {final_step: last}}\n"
                    + NOOP.replace("]", ", {step: last, tool: {kind: noop}}]")))
        .isEmpty();
  }

  @Test
  @Rule("3.3")
  void substitutesWorkbookEntries() {
    String workbook =
        """
        workbook:
          - name: dbl
            sink: {x: 1}
            tool: {kind: python, args: {x: 1, k: 2}, code: c, credential: old, spec: {timeout: 1}}
          - {name: twice, tool: {kind: workbook, task: dbl, input: {k: 9}}}
          - name: pair
            tool: [{name: a, kind: noop}, {b: {kind: noop, input: {x: 5}}}]
        """;
    Playbook playbook =
        playbook(
            workbook
                + """
                workflow:
                  - step: start
                    tool: {kind: workbook, name: dbl, input: {x: 5}, auth: new, spec: {timeout: 2}}
                    next: b
                  - step: b
                    tool:
                      - {name: dbl, kind: workbook, label: first, input: {x: 7}}
                      - {second: {kind: workbook, name: twice}}
                      - {kind: workbook, name: dbl}
                    next: c
                  - {step: c, tool: {kind: workbook, task: pair, input: {x: 1, y: 2}}}
                """);
    ToolSpec first = ((Tool.Single) playbook.steps().get("start").tool()).spec();
    assertThat(first.kind()).isEqualTo(ToolKind.PYTHON);
    assertThat(first.input()).isEqualTo(Map.of("x", 5L, "k", 2L));
    assertThat(first.fields()).isEqualTo(Map.of("code", "c", "auth", "new"));
    assertThat(first.timeout()).isEqualTo(Duration.ofSeconds(2));
    List<Tool.Task> tasks = ((Tool.Sequence) playbook.steps().get("b").tool()).tasks();
    assertThat(tasks).extracting(Tool.Task::label).containsExactly("first", "second", "dbl");
    assertThat(tasks.get(0).spec().input()).isEqualTo(Map.of("x", 7L, "k", 2L));
    assertThat(tasks.get(1).spec().input()).isEqualTo(Map.of("x", 1L, "k", 9L));
    assertThat(tasks.get(1).spec().fields()).isEqualTo(Map.of("code", "c", "auth", "old"));
    List<Tool.Task> pair = ((Tool.Sequence) playbook.steps().get("c").tool()).tasks();
    assertThat(pair).extracting(Tool.Task::label).containsExactly("a", "b");
    assertThat(pair.get(0).spec().input()).isEqualTo(Map.of("x", 1L, "y", 2L));
    assertThat(pair.get(1).spec().input()).isEqualTo(Map.of("x", 5L, "y", 2L));
  }

  @Test
  @Rule("3.3")
  void acceptsOddWorkbookEntriesThatNobodyUses() {
    assertThat(warnings("workbook: [{name: a}, {name: b, tool: {kind: x}}, 3]\n" + NOOP))
        .containsExactly("workbook.entry", "workbook.entry");
  }
}
