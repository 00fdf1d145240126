package io.noetl.playbook;

import static io.noetl.playbook.Parsing.sequence;
import static io.noetl.playbook.Parsing.single;
import static io.noetl.playbook.Parsing.start;
import static io.noetl.playbook.Parsing.startWarnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every accepted spelling of a tool. */
@Rule("5")
class ToolFormsTest {
  @Test
  void readsSingleTool() {
    ToolSpec tool = single("tool: {kind: HTTP, url: u, method: GET, desc: x, name: n}");
    assertThat(tool.kind()).isEqualTo(ToolKind.HTTP);
    assertThat(tool.fields()).isEqualTo(Map.of("url", "u", "method", "GET"));
    assertThat(tool.input()).isNull();
    assertThat(tool.policy()).isNull();
    assertThat(tool.retry()).isNull();
    assertThat(tool.set()).isEmpty();
    assertThat(tool.timeout()).isNull();
    assertThat(tool.source()).isEqualTo(Map.of("kind", "http", "url", "u", "method", "GET"));
  }

  @Test
  @Rule("9")
  void acceptsEveryKindOfTheLanguage() {
    for (ToolKind kind : ToolKind.values()) {
      if (kind != ToolKind.WORKBOOK && kind != ToolKind.TASK_SEQUENCE) {
        assertThat(single("tool: {kind: " + kind.word() + "}").kind()).isEqualTo(kind);
        assertThat(startWarnings("tool: {kind: " + kind.word() + "}"))
            .hasSize(kind.executable() ? 0 : 1);
      }
    }
  }

  @Test
  void readsListOfNamedTasks() {
    List<Tool.Task> tasks =
        sequence("tool: [{name: fetch, kind: http}, {kind: noop}, {name: '', kind: noop}]");
    assertThat(tasks).extracting(Tool.Task::label).containsExactly("fetch", "task_1", "task_2");
    assertThat(tasks.getFirst().spec().fields()).isEmpty();
  }

  @Test
  void readsListOfLabelledTasks() {
    List<Tool.Task> tasks =
        sequence("tool: [{fetch: {kind: http, name: other}}, {name: x, label: y, kind: noop}]");
    assertThat(tasks).extracting(Tool.Task::label).containsExactly("fetch", "y");
  }

  @Test
  void readsLabelledMapAndListOfOneAsSequence() {
    assertThat(sequence("tool: {fetch: {kind: http}}"))
        .extracting(Tool.Task::label)
        .containsExactly("fetch");
    assertThat(sequence("tool: [{kind: noop}]")).hasSize(1);
  }

  @Test
  void readsExplicitSequence() {
    assertThat(
            sequence(
                "tool: {kind: task_sequence, input: {a: 1, b: 1},"
                    + " tasks: [{kind: noop, input: {b: 2}}, {x: {kind: noop}}]}"))
        .extracting(Tool.Task::label, task -> task.spec().input())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("task_0", Map.of("a", 1L, "b", 2L)),
            org.assertj.core.groups.Tuple.tuple("x", Map.of("a", 1L, "b", 1L)));
    assertThat(sequence("tool: {kind: task_sequence, tasks: {a: {kind: noop}, b: {kind: noop}}}"))
        .extracting(Tool.Task::label)
        .containsExactly("a", "b");
  }

  @Test
  @Rule("8.1")
  void mergesArgsUnderInputExceptForContainers() {
    assertThat(single("tool: {kind: python, args: {a: 1, b: 1}, input: {b: 2}}").input())
        .isEqualTo(Map.of("a", 1L, "b", 2L));
    assertThat(single("tool: {kind: python, args: [1, 2]}").input()).isEqualTo(List.of(1L, 2L));
    assertThat(single("tool: {kind: python, args: [1], input: {a: 1}}").input())
        .isEqualTo(Map.of("a", 1L));
    ToolSpec container = single("tool: {kind: container, args: [x], input: {a: 1}}");
    assertThat(container.fields()).isEqualTo(Map.of("args", List.of("x")));
    assertThat(container.input()).isEqualTo(Map.of("a", 1L));
    assertThat(startWarnings("tool: {kind: python, args: {a: 1}}")).containsExactly("tool.args");
  }

  @Test
  @Rule("16.1")
  void keepsOneNameForCredentials() {
    assertThat(single("tool: {kind: postgres, credential: pg}").fields())
        .isEqualTo(Map.of("auth", "pg"));
    assertThat(single("tool: {kind: postgres, credential: old, auth: pg}").fields())
        .isEqualTo(Map.of("auth", "pg"));
    assertThat(
            single("tool: {kind: transfer, source: {credential: a}, target: {auth: b}}").fields())
        .isEqualTo(Map.of("source", Map.of("auth", "a"), "target", Map.of("auth", "b")));
    assertThat(startWarnings("tool: {kind: postgres, credential: pg}"))
        .containsExactly("tool.credential");
  }

  @Test
  void keepsOneNameForTimeouts() {
    assertThat(timeoutField("timeout: 10s")).isEqualTo(10L);
    assertThat(timeoutField("timeout: 500ms")).isEqualTo(0.5);
    assertThat(timeoutField("timeout: 30")).isEqualTo(30L);
    assertThat(timeoutField("timeout: '45'")).isEqualTo(45L);
    assertThat(timeoutField("timeout_seconds: 2m")).isEqualTo(120L);
    assertThat(timeoutField("timeout_seconds: 1, timeout: 2")).isEqualTo(1L);
    assertThat(timeoutField("timeout: \"{{ t }}\"")).isEqualTo("{{ t }}");
    assertThat(timeoutField("timeout: null")).isNull();
    assertThat(startWarnings("tool: {kind: http, timeout: soon}")).containsExactly("tool.timeout");
  }

  private static Object timeoutField(String member) {
    Map<String, Object> fields = single("tool: {kind: http, " + member + "}").fields();
    assertThat(fields).doesNotContainKey("timeout");
    return fields.get("timeout_seconds");
  }

  @Test
  void copiesConfigurationUpOutOfSpec() {
    ToolSpec tool =
        single(
            """
            tool:
              kind: http
              url: own
              spec:
                url: ignored
                method: POST
                input: {a: 1}
                retry: 2
                timeout: 5s
                on_error: fail
                policy: {rules: [{else: {do: fail}}]}
            """);
    assertThat(tool.fields()).isEqualTo(Map.of("url", "own", "method", "POST"));
    assertThat(tool.input()).isEqualTo(Map.of("a", 1L));
    assertThat(tool.retry().attempts()).isEqualTo(2L);
    assertThat(tool.timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(tool.policy().rules()).hasSize(1);
  }

  @Test
  @Rule({"9.9", "9.13"})
  void findsPathOfPlaybooksAndServerOfMcpInName() {
    assertThat(single("tool: {kind: playbook, name: a/b, workload: {x: 1}}").fields())
        .isEqualTo(Map.of("path", "a/b", "payload", Map.of("x", 1L)));
    assertThat(single("tool: {kind: playbook, name: a, path: b}").fields())
        .isEqualTo(Map.of("path", "b"));
    assertThat(single("tool: {kind: playbook, name: a, catalog_id: 7}").fields())
        .isEqualTo(Map.of("catalog_id", 7L));
    assertThat(single("tool: {kind: mcp, name: a, tool: t}").fields())
        .isEqualTo(Map.of("server", "a", "tool", "t"));
    assertThat(single("tool: {kind: nats, name: obj, operation: object_get}").fields())
        .isEqualTo(Map.of("name", "obj", "operation", "object_get"));
  }

  @Test
  void readsMutationsOfTasks() {
    assertThat(single("tool: {kind: noop, set: {got: \"{{ output }}\"}, set_ctx: {a: 1}}").set())
        .containsExactly(new Mutation("ctx.a", 1L), new Mutation("got", "{{ output }}"));
  }

  @Test
  @Rule("11.7")
  void readsOlderRetry() {
    assertThat(retry("true")).isEqualTo(simple(3L));
    assertThat(retry("5")).isEqualTo(simple(5L));
    assertThat(retry("'5'")).isEqualTo(simple(5L));
    assertThat(retry("\"{{ n }}\"")).isEqualTo(simple("{{ n }}"));
    assertThat(retry("false")).isNull();
    assertThat(retry("null")).isNull();
    assertThat(retry("{max_attempts: 3, initial_delay: 0.1, backoff_multiplier: 2}"))
        .isEqualTo(new Retry(3L, 0.1, null, 2L, null, List.of(), null, null));
    assertThat(retry("{attempts: '4', delay: 500ms, backoff: Linear, max_delay: 9}"))
        .isEqualTo(new Retry(4L, "500ms", "linear", null, 9L, List.of(), null, null));
    assertThat(retry("{max_retries: 2, initial_delay_ms: 250, backoff: 3}"))
        .isEqualTo(new Retry(3L, 0.25, null, 3L, null, List.of(), null, null));
    assertThat(retry("{max_retries: \"{{ r }}\"}").attempts()).isEqualTo("{{ (r) | int + 1 }}");
    assertThat(
            retry("{retry_on: [timeout, connection], retry_when: a == 1, stop_when: \"{{ b }}\"}"))
        .isEqualTo(
            new Retry(
                3L, null, null, null, null, List.of("timeout", "connection"), "a == 1", "{{ b }}"));
    assertThat(retry("{retry_on: timeout, when: x}"))
        .isEqualTo(new Retry(3L, null, null, null, null, List.of("timeout"), "x", null));
  }

  private static Retry retry(String retry) {
    return single("tool: {kind: http, retry: " + retry + "}").retry();
  }

  private static Retry simple(Object attempts) {
    return new Retry(attempts, 1L, "exponential", null, null, List.of(), null, null);
  }

  @Test
  @Rule("11.7")
  void prefersARetryRuleOverRetry() {
    String tool = "tool: {kind: http, retry: 3, spec: {policy: {rules: [{else: {do: retry}}]}}}";
    assertThat(single(tool).retry()).isNull();
    assertThat(startWarnings(tool)).containsExactly("retry.ignored");
  }

  @Test
  void keepsTheOrderOfFields() {
    assertThat(single("tool: {kind: http, z: 1, a: 2, m: 3}").fields().keySet())
        .containsExactly("z", "a", "m");
  }

  @Test
  void keepsUnknownFields() {
    assertThat(start("tool: {kind: noop, whatever: {x: [1]}}").tool())
        .isInstanceOfSatisfying(
            Tool.Single.class,
            tool ->
                assertThat(tool.spec().fields())
                    .isEqualTo(Map.of("whatever", Map.of("x", List.of(1L)))));
  }
}
