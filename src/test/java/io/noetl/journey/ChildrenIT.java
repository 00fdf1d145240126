package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.ConfigLoader;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.pool.Parking;
import io.noetl.pool.PlaybookExecutor;
import io.noetl.pool.ServerClient;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestClient;
import io.noetl.testing.Waiting;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolCall.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Playbooks that start playbooks, through all roles, with one slot for all work there is. */
class ChildrenIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private static Path folder;
  private static EmbeddedRuntime runtime;
  private static TestClient client;
  private static String api;

  @BeforeAll
  static void start() throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("server.port", "0");
    settings.put("data.folder", folder.toString());
    settings.put("bus.mode", "memory");
    settings.put("worker.slots", "1");
    settings.put("playbook.child-payload", "100KiB");
    settings.put("limits.execute-body", "200KiB");
    settings.put("worker.drain", "0s");
    runtime = new Wiring().embedded();
    api = runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString();
    client = new TestClient(api);
    register(
        "c/leaf",
        """
        - step: start
          tool: {kind: python, input: {n: "{{ n }}"}, code: "result = {'n': n + 1}"}
        """);
    register(
        "c/fails",
        """
        - {step: start, tool: {kind: python, code: "raise ValueError('no')"}}
        """);
    register(
        "c/slow",
        """
        - {step: start, tool: {kind: python, code: "import time; time.sleep(60)"}}
        """);
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  @AfterEach
  void everythingHolds() {
    Invariants.checkSettled(Databases.embeddedIn(folder.resolve("postgres")), PATIENCE);
  }

  private static void register(String path, String steps) throws IOException {
    client.register(
        """
        apiVersion: noetl.io/v2
        kind: Playbook
        metadata: {name: c, path: %s}
        workload: {n: 1}
        workflow:
        """
                .formatted(path)
            + steps.indent(2));
  }

  @Test
  void aPayloadThatIsTooLargeForAChildIsAHardErrorWithTheNameOfTheLimit() throws Exception {
    register(
        "c/too-large",
        """
        - step: start
          tool: {kind: playbook, path: c/leaf, return_result: true, input: {n: "{{ 'x' * 300000 }}"}}
        """);
    register(
        "c/too-large-within",
        """
        - step: start
          tool:
            - one: {kind: playbook, path: c/leaf, return_result: true,
                    input: {n: "{{ 'x' * 300000 }}"}}
        """);

    assertThat(String.valueOf(run("c/too-large").get("error")))
        .contains("Failed to start child playbook", "playbook.child-payload");
    assertThat(String.valueOf(run("c/too-large-within").get("error")))
        .contains("Failed to start child playbook", "limits.execute-body");
  }

  private static Map<String, Object> run(String path) throws IOException {
    return client.ended(client.execute(path, Map.of()), PATIENCE);
  }

  private static List<?> children(String id) throws IOException {
    return (List<?>) client.get("/api/executions/" + id + "/status").ok().body().get("children");
  }

  @Test
  @DisplayName("lessons C8: a pool of one slot runs what the parents of its commands wait for")
  void onePlaybookInsideAnotherNeedsNoSecondSlot() throws Exception {
    register(
        "c/nested",
        """
        - step: start
          tool:
            - {name: a, kind: playbook, path: c/inner, return_step: start}
            - {name: b, kind: python, input: {n: "{{ a.n }}"}, code: "result = {'n': n * 10}"}
        """);
    register(
        "c/inner",
        """
        - step: start
          tool:
            - {name: a, kind: playbook, path: c/leaf, input: {n: 4}, return_result: true}
        """);

    Map<String, Object> ended = run("c/nested");

    assertThat(ended).containsEntry("status", "COMPLETED");
    assertThat((Map<?, ?>) ended.get("result")).extracting("n").isEqualTo(50L);
  }

  @Test
  @DisplayName("11.4: a policy on a playbook tool; each run of the tool is a child of its own")
  void aPolicyRepeatsAChild() throws Exception {
    register(
        "c/policy",
        """
        - step: start
          tool:
            kind: playbook
            path: c/fails
            return_step: start
            spec:
              policy:
                rules:
                  - {when: "{{ output.status == 'error' }}", then: {do: retry, attempts: 3, delay: 0.01}}
          next:
            arcs:
              - {step: end, when: "{{ event.name == 'call.error' }}"}
        - {step: end, tool: {kind: noop, result: "{{ start.status }}"}}
        """);

    Map<String, Object> ended = run("c/policy");

    assertThat(ended).containsEntry("status", "COMPLETED").containsEntry("result", "FAILED");
    assertThat(children(String.valueOf(ended.get("execution_id")))).hasSize(3);
  }

  @Test
  @DisplayName("9.9: inside a sequence an unknown path is a hard error, too")
  void refusesAnUnknownPathInsideASequence() throws Exception {
    register(
        "c/nowhere",
        """
        - {step: start, tool: [{name: a, kind: playbook, path: c/missing}]}
        """);

    assertThat(run("c/nowhere"))
        .containsEntry("status", "FAILED")
        .extracting("error")
        .asString()
        .contains("Failed to start child playbook: c/missing not found in the catalog");
  }

  @Test
  @DisplayName("13.9: cancelling over the API ends children, those of sequences too")
  void cancelsChildren() throws Exception {
    register(
        "c/both",
        """
        - {step: start, tool: {kind: noop}, next: [a, b]}
        - {step: a, tool: {kind: playbook, path: c/slow, return_result: true}}
        - {step: b, tool: [{name: x, kind: playbook, path: c/slow, return_result: true}]}
        """);
    String root = client.execute("c/both", Map.of());
    Waiting.until(PATIENCE, () -> "two children run", () -> childCount(root) == 2);

    Map<String, Object> cancelled =
        client.post("/api/executions/" + root + "/cancel", Map.of("reason", "enough")).ok().body();

    assertThat((List<?>) cancelled.get("cancelled_executions")).hasSize(3);
    for (Object child : children(root)) {
      assertThat(((Map<?, ?>) child).get("status")).isEqualTo("CANCELLED");
      String id = String.valueOf(((Map<?, ?>) child).get("execution_id"));
      assertThat(client.execution(id)).containsEntry("parent_execution_id", root);
    }
    assertThat(
            client
                .post("/api/execute", Map.of("path", "c/leaf", "parent_execution_id", root))
                .status())
        .as("a start for a parent that was cancelled")
        .isEqualTo(409);
  }

  private static int childCount(String id) {
    try {
      return children(id).size();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  @DisplayName("lessons C3: a command that is delivered again finds the child that it has started")
  void aRepeatedCommandMakesNoSecondChild() throws Exception {
    String parent = String.valueOf(run("c/leaf").get("execution_id"));
    ServerClient server = new ServerClient(api, PATIENCE, "");
    PlaybookExecutor executor = new PlaybookExecutor(server, new Parking(1));
    Identity first = new Identity(parent, "77", "start", 1, api, "w1");
    Identity again = new Identity(parent, "77", "start", 2, api, "w2");
    Map<String, Object> fields = Map.of("path", "c/leaf", "return_result", true);

    Outcome one = executor.run(call(fields, Map.of("n", 5L), first));
    Outcome repeated = executor.run(call(fields, Map.of("n", 5L), again));
    Outcome otherwiseRendered = executor.run(call(fields, Map.of("n", 6L), again));
    assertThat(children(parent)).hasSize(1);
    Outcome next = executor.run(call(fields, Map.of("n", 8L), again.at(2)));

    assertThat(List.of(one, repeated, otherwiseRendered))
        .allSatisfy(outcome -> assertThat(outcome.data()).isEqualTo(Map.of("n", 6L)));
    assertThat(next.data()).isEqualTo(Map.of("n", 9L));
    assertThat(children(parent)).hasSize(2);
  }

  private static ToolCall call(Map<String, Object> fields, Object input, Identity identity) {
    return new ToolCall(
        ToolKind.PLAYBOOK, fields, input, identity, Map.of(), null, ToolCall.LineLog.NONE);
  }

  @Test
  void theEventsSayWhatIsAwaited() throws Exception {
    register(
        "c/events",
        """
        - {step: start, tool: {kind: playbook, path: c/leaf, return_step: start}}
        """);

    Map<String, Object> ended = run("c/events");

    String id = String.valueOf(ended.get("execution_id"));
    List<Map<String, Object>> events = client.events(id);
    assertThat(events)
        .extracting(event -> event.get("event_type"))
        .containsExactly("playbook_started", "step.waiting", "call.done", "playbook.completed");
    Map<?, ?> awaited = (Map<?, ?>) ((Map<?, ?>) events.get(1).get("context")).get("awaited");
    assertThat(awaited.get("kind")).isEqualTo("child");
    assertThat(((Map<?, ?>) children(id).getFirst()).get("execution_id"))
        .isEqualTo(awaited.get("execution_id"));
    assertThat((Map<?, ?>) ended.get("result")).extracting("n").isEqualTo(2L);
  }
}
