package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.cli.CliRun;
import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.config.NoetlConfig;
import io.noetl.language.Rule;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestClient;
import io.noetl.testing.Waiting;
import io.noetl.tool.TestServer;
import io.noetl.wasm.AskingPlugin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One execution through all roles, which are all in this process, on what comes in the jar. */
class AllInOneJourneyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String HEADER =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: one, path: %s}
      workflow:
      """;

  @TempDir private static Path folder;
  private static EmbeddedRuntime runtime;
  private static TestClient client;
  private static String address;

  @BeforeAll
  static void start() throws Exception {
    boot();
    Journey.register(client);
  }

  private static void boot() {
    runtime = new Wiring().embedded();
    address = runtime.start(config()).toString();
    client = new TestClient(address);
  }

  private static NoetlConfig config() {
    Map<String, String> settings = new HashMap<>();
    settings.put("server.port", "0");
    settings.put("data.folder", folder.toString());
    settings.put("bus.mode", "memory");
    settings.put("command.republish-after", "1s");
    settings.put("worker.drain", "0s");
    settings.put("plugin.recordings", folder.resolve("recordings").toString());
    return ConfigLoader.load(Optional.empty(), settings).config();
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  @AfterEach
  void everythingHolds() {
    Invariants.checkSettled(database(), PATIENCE);
  }

  private static DatabaseConfig database() {
    return Databases.embeddedIn(folder.resolve("postgres"));
  }

  @Test
  void everyCapabilityCallOfAPluginIsAnEventOfItsExecution() throws Exception {
    String id = client.execute("journey/plugin", Map.of("n", 3));
    client.ended(id, PATIENCE);

    List<Map<String, Object>> audits = audits(id);

    assertThat(audits).hasSize(1);
    assertThat(audits.getFirst())
        .containsEntry("plugin", "journey/word-count")
        .containsEntry("capability", "host_put_event")
        .containsKeys("digest", "request_sha256", "reply_bytes", "micros");
    assertThat((Long) audits.getFirst().get("code")).isPositive();
    assertThat(
            (Long) audits.getFirst().get("fuel_before")
                - (Long) audits.getFirst().get("fuel_after"))
        .isEqualTo(10_000);
    CliRun logs = CliRun.of(List.of("plugin", "logs", id, "--server", address));
    assertThat(logs.out())
        .contains("start  host   host_put_event -> ", "start  log    INFO text counted")
        .containsPattern("start  call   fuel \\d+, guest \\d+ us");
  }

  @Test
  void aRecordedCallReplaysWithoutAServer() throws Exception {
    String id = client.execute("journey/plugin", Map.of("n", 4));
    client.ended(id, PATIENCE);
    Path recording;
    try (Stream<Path> files = Files.list(folder.resolve("recordings"))) {
      recording =
          files
              .filter(file -> contains(file, "\"execution_id\":\"" + id + "\""))
              .findFirst()
              .orElseThrow();
    }

    CliRun replay =
        CliRun.of(List.of("plugin", "replay", "wasm-plugins/word-count", recording.toString()));

    assertThat(replay.exit()).as(replay.out()).isZero();
    assertThat(replay.out()).contains("output {", "\"words\":4");
  }

  private static boolean contains(Path file, String text) {
    try {
      return Files.readString(file).contains(text);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aPluginReadsTheEventsOfItsExecutionWhenItIsGranted() throws Exception {
    byte[] module = AskingPlugin.of("host_read_event_log", "{}");
    assertThat(client.module("journey/reader", module).status()).isEqualTo(422);
    client
        .post(
            "/api/internal/plugin-grants/journey/reader",
            Map.of("grants", Map.of("host_read_event_log", Map.of())))
        .ok();
    client.module("journey/reader", module).ok();
    client.register(
        HEADER.formatted("journey/reading")
            + """
              - step: start
                tool: {kind: wasm, plugin: {path: journey/reader}}
                next: end
              - step: end
                tool: {kind: noop, result: {first: "{{ start.events[0].event_type }}"}}
            """);

    String id = client.execute("journey/reading", Map.of());
    Map<String, Object> ended = client.ended(id, PATIENCE);

    assertThat(ended.get("result")).asString().contains("playbook_started");
    assertThat(audits(id)).hasSize(1);
  }

  @Test
  void aPluginEndsAtTheSmallestOfItsTimeouts() throws Exception {
    client.module("journey/endless", AskingPlugin.endless()).ok();
    client.register(
        HEADER.formatted("journey/hurried")
            + """
              - step: start
                spec: {timeout: 30s}
                tool: {kind: wasm, plugin: {path: journey/endless}, timeout_seconds: 0.02}
            """);

    assertThat(run("journey/hurried", Map.of()).get("error"))
        .asString()
        .contains("PT0.02S (the timeout of its step or tool)");
  }

  private List<Map<String, Object>> audits(String id) throws Exception {
    List<Map<String, Object>> audits = new java.util.ArrayList<>();
    for (Map<String, Object> event : client.events(id)) {
      if ("capability.called".equals(event.get("event_type"))) {
        @SuppressWarnings("unchecked")
        Map<String, Object> context = (Map<String, Object>) event.get("context");
        audits.add(context);
      }
    }
    return audits;
  }

  private Map<String, Object> run(String path, Map<String, ?> payload) throws Exception {
    return client.ended(client.execute(path, payload), PATIENCE);
  }

  private static List<String> types(String execution) throws Exception {
    return client.events(execution).stream()
        .map(event -> event.get("event_type") + " " + event.getOrDefault("step", ""))
        .map(String::strip)
        .toList();
  }

  @Test
  void runsAnExecutionThroughEveryRoleWithTheDocumentedEvents() throws Exception {
    String execution = client.execute(Journey.CHAIN.path(), Map.of("n", 4));

    Map<String, Object> ended = client.ended(execution, PATIENCE);

    assertThat(ended)
        .containsEntry("status", "COMPLETED")
        .containsEntry("result", Map.of("n", 100L));
    assertThat(types(execution))
        .containsExactly(
            "playbook_started",
            "command.issued start",
            "call.done start",
            "command.issued double",
            "call.done double",
            "ctx.updated double",
            "command.issued square",
            "call.done square",
            "step.exit end",
            "playbook.completed");
    Invariants.checkSettled(database(), PATIENCE);
    assertThat(
            Databases.count(
                database(), "select count(*) from noetl.event where execution_id = " + execution))
        .as("events in the log")
        .isEqualTo(10);
  }

  @Test
  void everyWayOfRunningAStepComesToItsResult() throws Exception {
    for (Journey journey : Journey.ALL) {
      for (int n : List.of(1, 6)) {
        assertThat(run(journey.path(), Map.of("n", n)))
            .as("%s with %s", journey.path(), n)
            .containsEntry("status", "COMPLETED")
            .containsEntry("result", journey.result().apply(n));
      }
    }
  }

  @Test
  void routingStepsNeedNoWorkerAndOneEventEach() throws Exception {
    String execution = client.execute(Journey.ROUTES.path(), Map.of("n", 3));

    assertThat(client.execution(execution)).containsEntry("status", "COMPLETED");

    assertThat(types(execution))
        .containsExactly(
            "playbook_started",
            "step.exit start",
            "ctx.updated start",
            "step.exit odd",
            "step.exit end",
            "playbook.completed");
  }

  @Test
  void aPluginsOwnEventIsPartOfItsExecution() throws Exception {
    String execution = client.execute(Journey.PLUGIN.path(), Map.of("n", 1));

    client.ended(execution, PATIENCE);

    assertThat(types(execution))
        .containsSubsequence("command.issued start", "text.counted start", "call.done start");
  }

  @Test
  void anHttpStepIsRepeatedUntilTheServiceAnswers() throws Exception {
    String path =
        client.register(
            HEADER.formatted("one/http")
                + """
                  - step: start
                    tool:
                      kind: http
                      url: "{{ workload.url }}"
                      spec:
                        policy:
                          rules:
                            - when: "{{ output.status == 'error' and output.http.status == 503 }}"
                              then: {do: retry, attempts: 5, delay: 0.01}
                            - else: {then: {do: continue}}
                    next: end
                  - step: end
                    tool: {kind: noop, result: {ok: "{{ start.data.ok }}"}}
                """);
    try (TestServer service = new TestServer()) {
      assertThat(run(path, Map.of("url", service.url("/flaky"))))
          .containsEntry("status", "COMPLETED")
          .containsEntry("result", Map.of("ok", true));
      assertThat(service.flakyCalls()).isEqualTo(3);
    }
  }

  @Test
  @Rule("18.3")
  void aFailingStepEndsTheExecutionWithItsError() throws Exception {
    String path =
        client.register(
            HEADER.formatted("one/failing")
                + """
                  - step: start
                    tool: {kind: python, code: "result = {'q': 1 / 0}"}
                    next: {arcs: [{step: after, when: "{{ event.name == 'call.done' }}"}]}
                  - step: after
                    tool: {kind: noop}
                """);
    String execution = client.execute(path, Map.of());

    Map<String, Object> ended = client.ended(execution, PATIENCE);

    assertThat(ended).containsEntry("status", "FAILED");
    assertThat(ended.get("error").toString()).contains("division by zero");
    assertThat(types(execution))
        .containsExactly(
            "playbook_started", "command.issued start", "call.error start", "playbook.failed");
  }

  @Test
  void aRestartKeepsWhatEndedAndFinishesWhatRan(@TempDir Path signals) throws Exception {
    Path go = signals.resolve("go");
    String path =
        client.register(
            HEADER.formatted("one/restart")
                + """
                  - step: start
                    tool:
                      kind: python
                      input: {began: "{{ workload.began }}", go: "{{ workload.go }}"}
                      code: |
                        import os, time
                        open(began, "a").write("once\\n")
                        while not os.path.exists(go):
                            time.sleep(0.01)
                        result = {"n": 7}
                    next: end
                  - step: end
                    tool: {kind: noop, result: {n: "{{ start.n }}"}}
                """);
    String ended = client.execute(Journey.CHAIN.path(), Map.of("n", 1));
    Map<String, Object> before = new LinkedHashMap<>(client.ended(ended, PATIENCE));
    List<Map<String, Object>> eventsBefore = client.events(ended);
    Map<String, String> running = new LinkedHashMap<>();
    for (int i = 0; i < 5; i++) {
      Path began = signals.resolve("began-" + i);
      running.put(
          client.execute(path, Map.of("began", began.toString(), "go", go.toString())),
          began.toString());
    }
    for (String began : running.values()) {
      Waiting.until(PATIENCE, () -> began + " is missing", () -> Files.exists(Path.of(began)));
    }

    runtime.close();
    boot();
    Files.createFile(go);

    for (String execution : running.keySet()) {
      assertThat(client.ended(execution, PATIENCE))
          .containsEntry("status", "COMPLETED")
          .containsEntry("result", Map.of("n", 7L));
    }
    assertThat(client.execution(ended)).isEqualTo(before);
    assertThat(client.events(ended)).isEqualTo(eventsBefore);
  }
}
