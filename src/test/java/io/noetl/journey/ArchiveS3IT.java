package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.archive.ArchiveStore;
import io.noetl.archive.S3Store;
import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.CuttingProxy;
import io.noetl.testing.Databases;
import io.noetl.testing.S3Server;
import io.noetl.testing.TestClient;
import io.noetl.testing.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finished executions go to a bucket, come back, and never leave before they are there. */
class ArchiveS3IT {
  private static final String TOKEN = "the-token-of-operators";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String PLAYBOOK =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: one, path: archive/one}
      workload: {n: 3}
      workflow:
        - {step: start, tool: {kind: noop, result: {n: "{{ workload.n }}"}}}
      """;

  @TempDir private static Path folder;
  private static S3Server bucket;
  private static CuttingProxy network;
  private static EmbeddedRuntime runtime;
  private static TestClient client;
  private static TestClient operator;

  @BeforeAll
  static void start() throws IOException {
    bucket = new S3Server(folder);
    network = new CuttingProxy(bucket.port());
    runtime = new Wiring().embedded();
    Map<String, String> settings = new HashMap<>(bucket.settings(network.port()));
    settings.put("server.port", "0");
    settings.put("data.folder", folder.resolve("data").toString());
    settings.put("bus.mode", "memory");
    settings.put("worker.drain", "0s");
    settings.put("auth.internal-token", TOKEN);
    settings.put("archive.after", "1s");
    settings.put("archive.recalled-for", "1s");
    settings.put("archive.every", "100ms");
    String url = runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString();
    client = new TestClient(url);
    operator = TestClient.withToken(url, TOKEN);
    client.register(PLAYBOOK);
  }

  @AfterAll
  static void stop() throws IOException {
    runtime.close();
    network.close();
    bucket.close();
  }

  private static ArchiveStore store() {
    return new S3Store(
        new S3Store.Settings(
            bucket.url(),
            S3Server.BUCKET,
            "noetl/test/",
            "us-east-1",
            true,
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            2,
            64 << 20),
        S3Server.ACCESS_KEY,
        S3Server.SECRET_KEY,
        "");
  }

  private static boolean kept(String id) throws IOException {
    try (ArchiveStore.Opened opened = store().open(Long.parseLong(id))) {
      return opened != null;
    }
  }

  private static DatabaseConfig database() {
    return Databases.embeddedIn(folder.resolve("data").resolve("postgres"));
  }

  private static String finished() throws IOException {
    String id = client.execute("archive/one", Map.of());
    assertThat(client.ended(id, PATIENCE).get("status")).isEqualTo("COMPLETED");
    return id;
  }

  private static long count(String sql) {
    try {
      return Databases.count(database(), sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static long events(String id) {
    return count("select count(*) from noetl.event where execution_id = " + id);
  }

  private static void awaitArchived(String id) {
    Waiting.until(
        PATIENCE,
        () -> "execution " + id + " is still in the log",
        () ->
            count(
                    "select count(*) from noetl.execution where archived_at is not null"
                        + " and execution_id = "
                        + id)
                == 1);
    assertThat(events(id)).isZero();
  }

  @Test
  void readsOfAnExecutionInTheBucketAnswerAsBefore() throws Exception {
    String id = finished();
    String path = "/api/executions/" + id + "/events?include=all";
    String before = client.get(path).ok().text();
    awaitArchived(id);
    assertThat(kept(id)).isTrue();

    assertThat(client.get(path).ok().text()).isEqualTo(before);
    awaitArchived(id);
  }

  @Test
  void nothingLeavesTheLogWhileTheNetworkBreaksInTheMiddleOfWriting() throws Exception {
    network.cutAfter(300);
    String id = finished();
    double failed = failures();
    Waiting.until(PATIENCE, () -> "no try to archive has failed", () -> failures() > failed);

    assertThat(events(id)).isPositive();
    assertThat(kept(id)).isFalse();

    network.mend();
    awaitArchived(id);
    assertThat(kept(id)).isTrue();
  }

  private static double failures() {
    try {
      return client
          .get("/metrics")
          .text()
          .lines()
          .filter(line -> line.startsWith("noetl_archive_failures_total"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aPurgedExecutionTakesItsObjectWithIt() throws Exception {
    String id = finished();
    awaitArchived(id);

    Databases.execute(
        database(),
        "update noetl.execution set ended_at = ended_at - interval '9 days' where execution_id = "
            + id);
    operator.post("/api/internal/cleanup/purge", Map.of("event_retention_days", 8)).ok();

    assertThat(client.get("/api/executions/" + id).status()).isEqualTo(404);
    assertThat(kept(id)).isFalse();
  }
}
