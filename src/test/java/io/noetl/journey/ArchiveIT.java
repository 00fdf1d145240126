package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.Databases;
import io.noetl.testing.TestClient;
import io.noetl.testing.TestClient.Answer;
import io.noetl.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finished executions leave the database and are read as if they had not. */
class ArchiveIT {
  private static final String TOKEN = "the-token-of-operators";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String PLAYBOOK =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: one, path: archive/one}
      workload: {n: 3}
      workflow:
        - step: start
          loop: {in: "{{ workload.n }}", iterator: i}
          tool: {kind: python, input: {i: "{{ iter.i }}"}, code: "result = {'i': i, 'pad': 'x' * 30000}"}
          set: {ctx.seen: "{{ output.data | length }}"}
          next: end
        - {step: end, tool: {kind: noop, result: {seen: "{{ ctx.seen }}", last: "{{ start[2].i }}"}}}
      """;

  @TempDir private static Path folder;
  private static EmbeddedRuntime runtime;
  private static TestClient client;
  private static TestClient operator;

  @BeforeAll
  static void start() throws IOException {
    runtime = new Wiring().embedded();
    Map<String, String> settings =
        Map.of(
            "server.port", "0",
            "data.folder", folder.resolve("data").toString(),
            "bus.mode", "memory",
            "worker.drain", "0s",
            "auth.internal-token", TOKEN,
            "archive.folder", files().toString(),
            "archive.after", "1s",
            "archive.recalled-for", "1s",
            "archive.every", "100ms");
    String url = runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString();
    client = new TestClient(url);
    operator = TestClient.withToken(url, TOKEN);
    client.register(PLAYBOOK);
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  private static Path files() {
    return folder.resolve("archive");
  }

  private static DatabaseConfig database() {
    return Databases.embeddedIn(folder.resolve("data").resolve("postgres"));
  }

  private static String finished() throws IOException {
    String id = client.execute("archive/one", Map.of());
    assertThat(client.ended(id, PATIENCE).get("status")).isEqualTo("COMPLETED");
    return id;
  }

  private static long events(String id) throws SQLException {
    return Databases.count(
        database(), "select count(*) from noetl.event where execution_id = " + id);
  }

  private static void awaitArchived(String id) {
    Waiting.until(
        PATIENCE,
        () -> "execution " + id + " is still in the log",
        () -> {
          try {
            return events(id) == 0
                && Databases.count(
                        database(),
                        "select count(*) from noetl.execution where archived_at is not null"
                            + " and execution_id = "
                            + id)
                    == 1;
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        });
  }

  /** What the read routes answer about one execution. */
  private static Map<String, String> answers(String id) throws IOException {
    Map<String, String> answers = new LinkedHashMap<>();
    for (String path :
        List.of(
            "/api/executions/" + id + "/events?page_size=2&page=2&include=all",
            "/api/executions/" + id,
            "/api/executions/" + id + "/status",
            "/api/executions/" + id + "/outcome?until=step&step=start",
            "/api/executions?path=archive/one",
            "/api/replay/state?execution_id=" + id)) {
      Answer answer = client.get(path);
      answers.put(path, answer.status() + " " + answer.text());
    }
    return answers;
  }

  private static Path file(String id) throws IOException {
    try (Stream<Path> all = Files.walk(files())) {
      return all.filter(path -> path.endsWith(id + ".jsonl.gz")).findFirst().orElseThrow();
    }
  }

  @Test
  void readsOfAnArchivedExecutionAnswerAsBefore() throws Exception {
    String id = finished();
    Map<String, String> before = answers(id);
    awaitArchived(id);

    assertThat(answers(id)).isEqualTo(before);
    assertThat(events(id)).as("its events are back").isPositive();
    awaitArchived(id);
    assertThat(answers(id)).as("the second time").isEqualTo(before);
  }

  @Test
  void anArchivedExecutionHasEndedForThoseWhoWantToChangeIt() throws Exception {
    String id = finished();
    Answer before = client.post("/api/executions/" + id + "/cancel", Map.of());
    awaitArchived(id);

    Answer after = client.post("/api/executions/" + id + "/cancel", Map.of());

    assertThat(after).isEqualTo(before);
  }

  @Test
  void aLostFileIsNamedAndTheListsStillWork() throws Exception {
    String id = finished();
    awaitArchived(id);
    Path file = file(id);
    Files.move(file, file.resolveSibling("elsewhere"));

    Answer events = client.get("/api/executions/" + id + "/events");

    assertThat(events.status()).isEqualTo(503);
    assertThat(events.text()).contains(file.toString());
    assertThat(client.get("/api/executions?path=archive/one").ok().text()).contains(id);
    Files.move(file.resolveSibling("elsewhere"), file);
    assertThat(client.get("/api/executions/" + id + "/events").status()).isEqualTo(200);
  }

  @Test
  void aPurgedExecutionTakesItsFileWithIt() throws Exception {
    String id = finished();
    awaitArchived(id);
    Path file = file(id);

    Databases.execute(
        database(),
        "update noetl.execution set ended_at = ended_at - interval '9 days' where execution_id = "
            + id);
    operator.post("/api/internal/cleanup/purge", Map.of("event_retention_days", 8)).ok();

    assertThat(client.get("/api/executions/" + id).status()).isEqualTo(404);
    assertThat(file).doesNotExist();
  }
}
