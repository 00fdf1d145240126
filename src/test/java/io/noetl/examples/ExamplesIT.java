package io.noetl.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.cli.CliRun;
import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.examples.Example.Expectation;
import io.noetl.json.Json;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every playbook of docs/examples is run as its header says, on one server with every role, and
 * leads to what docs/examples/expected says: status, result, events.
 */
class ExamplesIT {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path data;

  private static EmbeddedRuntime runtime;
  private static URI api;

  @BeforeAll
  static void start() {
    runtime = new Wiring().embedded();
    api =
        runtime.start(
            ConfigLoader.load(
                    Optional.empty(),
                    Map.of(
                        "server.port", "0",
                        "data.folder", data.toString(),
                        "bus.mode", "memory",
                        "bus.url", "",
                        "database.host", ""))
                .config());
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  @Test
  void everyExampleSaysWhatItTeachesAndHowToRunIt() {
    List<Example> examples = Example.all();

    assertThat(examples).hasSizeGreaterThanOrEqualTo(8);
    for (Example example : examples) {
      assertThat(example.teaches()).as("header of %s", example.file()).hasSizeGreaterThan(30);
      assertThat(example.runs()).as("commands in the header of %s", example.file()).isNotEmpty();
      assertThat(example.expectations().stream().map(Expectation::run))
          .as("runs in %s, against those in the header", example.expectedFile())
          .containsExactlyElementsOf(example.runs());
    }
  }

  @TestFactory
  Stream<DynamicTest> runsAsItsHeaderSays() {
    return Example.all().stream()
        .flatMap(
            example ->
                example.expectations().stream()
                    .map(
                        expected ->
                            DynamicTest.dynamicTest(
                                expected.run(), () -> check(example, expected))));
  }

  @Test
  void theReadmesFirstPlaybookGivesWhatTheReadmeSays() throws IOException {
    Markdown readme = Markdown.read("README.md");
    Path file = Files.writeString(data.resolve("first.yaml"), readme.blocks("yaml"));

    for (String line : readme.blocks("sh").lines().filter(l -> l.contains("first.yaml")).toList()) {
      List<String> arguments = new ArrayList<>(Shell.words(line));
      arguments.removeFirst();
      arguments.replaceAll(word -> word.equals("first.yaml") ? file.toString() : word);
      arguments.addAll(List.of("--server", api.toString()));
      CliRun run = CliRun.of(arguments);
      assertThat(run.exit()).as(run.err()).isZero();
      String result = line.contains("json") ? "46.4 F is cold" : "69.8 F is warm";
      assertThat(run.out()).contains('"' + result + '"');
      assertThat(readme.text()).contains('"' + result + '"');
    }
  }

  private static void check(Example example, Expectation expected) throws Exception {
    if (example.commands().stream().anyMatch(command -> command.contains("flaky_server.py"))) {
      try (FlakyServer server = FlakyServer.start()) {
        check(
            expected, List.of("--set", "base=" + server.base(), "--set", "database=" + address()));
      }
    } else {
      check(expected, List.of());
    }
  }

  /** A database as a reader would bring one; examples that need none ignore it. */
  private static String address() {
    DatabaseConfig database = TestPostgres.empty();
    return "postgresql://%s:%s@%s:%d/%s"
        .formatted(
            database.user(),
            database.password().reveal(),
            database.host(),
            database.port(),
            database.name());
  }

  private static void check(Expectation expected, List<String> more) throws Exception {
    List<String> arguments = new ArrayList<>(Shell.words(expected.run()));
    arguments.removeFirst();
    arguments.addAll(more);
    arguments.addAll(List.of("--server", api.toString(), "-o", "json"));

    CliRun run = CliRun.of(arguments);

    assertThat(run.out()).as(run.err()).startsWith("{");
    Map<String, @Nullable Object> report = Json.parseObject(run.out());
    assertThat(report.get("status")).as(run.out()).isEqualTo(expected.status());
    assertThat(report.get("result")).isEqualTo(expected.result());
    assertThat(report.get("error")).isEqualTo(expected.error());
    assertThat(run.exit()).isEqualTo(expected.status().equals("COMPLETED") ? 0 : 1);
    assertEvents(events(String.valueOf(report.get("execution_id"))), expected.events());
  }

  /** Type and step of each event, in order. */
  private static List<String> events(String executionId) throws IOException, InterruptedException {
    HttpResponse<byte[]> page =
        HTTP.send(
            HttpRequest.newBuilder(
                    api.resolve("/api/executions/" + executionId + "/events?page_size=500"))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(page.statusCode()).isEqualTo(200);
    List<String> events = new ArrayList<>();
    for (Object entry : (List<?>) Json.parseObject(page.body()).get("events")) {
      Map<?, ?> event = (Map<?, ?>) entry;
      Object step = event.get("step");
      events.add(event.get("event_type") + (step == null ? "" : " " + step));
      assertThat(event.get("seq")).as("position of %s", event).isEqualTo((long) events.size());
    }
    return events;
  }

  private static void assertEvents(List<String> actual, List<@Nullable Object> expected) {
    List<@Nullable Object> ordered = new ArrayList<>();
    int at = 0;
    for (Object next : expected) {
      int size = next instanceof List<?> anyOrder ? anyOrder.size() : 1;
      List<String> here =
          actual.subList(Math.min(at, actual.size()), Math.min(at + size, actual.size()));
      ordered.add(
          next instanceof List<?> anyOrder && here.size() == size && anyOrder.containsAll(here)
              ? next
              : size == 1 && !here.isEmpty() ? here.getFirst() : List.copyOf(here));
      at += size;
    }
    ordered.addAll(actual.subList(Math.min(at, actual.size()), actual.size()));
    assertThat(ordered).isEqualTo(expected);
  }
}
