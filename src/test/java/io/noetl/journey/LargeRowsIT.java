package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.DatabaseConfig;
import io.noetl.postgres.Migrations;
import io.noetl.testing.Invariants;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import io.noetl.testing.OwnPostgres;
import io.noetl.testing.TestClient;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Results that are larger than the heap of every process they go through, which is 256 MiB: nobody
 * may hold one.
 */
class LargeRowsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(240);

  /** Some 1,000 bytes each. */
  private static final long ROWS = 320_000;

  private static NatsServer nats;
  private static OwnPostgres postgres;
  private static Cluster cluster;
  private static TestClient client;

  @BeforeAll
  static void start() throws Exception {
    nats = NatsServers.start();
    postgres = new OwnPostgres();
    new Migrations(postgres.config()).migrate(_ -> {});
    cluster =
        new Cluster(
            "large-rows",
            postgres.config(),
            nats.url(),
            // The roles, and not these tests, are what has little memory: time is no matter.
            Map.of("command.lease", "30s", "worker.lease", "30s"));
    cluster.ready();
    client = new TestClient(cluster.role(Cluster.SERVER).url());
  }

  @AfterAll
  static void stop() {
    cluster.close();
    nats.close();
    postgres.close();
  }

  private void passesThrough(String name, String tool) throws Exception {
    String path =
        client.register(
            """
            apiVersion: noetl.io/v2
            kind: Playbook
            metadata: {name: %s, path: large/%s}
            workflow:
              - step: start
                tool:
            %s
                output:
                  select: [{path: "rows[1].i", as: second}, {path: "rows[-1].i", as: last}]
                next: end
              - step: end
                tool:
                  kind: noop
                  result:
                    count: "{{ start.row_count }}"
                    second: "{{ start.second }}"
                    last: "{{ start.last }}"
                    ref: "{{ start._ref }}"
            """
                .formatted(name, name, tool.indent(10)));
    DatabaseConfig database = postgres.config();
    Map<String, Object> db =
        Map.of(
            "host", database.host(),
            "port", database.port(),
            "user", database.user(),
            "password", database.password().reveal(),
            "name", database.name());

    Map<String, Object> ended = client.ended(client.execute(path, Map.of("db", db)), PATIENCE);

    assertThat(ended).containsEntry("status", "COMPLETED");
    Map<?, ?> result = (Map<?, ?>) ended.get("result");
    assertThat(result.get("count")).isEqualTo(ROWS);
    assertThat(result.get("second")).isEqualTo(1L);
    assertThat(result.get("last")).isEqualTo(ROWS - 1);
    downloads(String.valueOf(result.get("ref")));
    Invariants.checkSettled(database, PATIENCE);
  }

  /** All of it comes, and is what its digest says. */
  private static void downloads(String ref) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    cluster.role(Cluster.SERVER).url()
                        + "/api/result/resolve?ref="
                        + URLEncoder.encode(ref, StandardCharsets.UTF_8)))
            .build();
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    long size = 0;
    try (HttpClient http = HttpClient.newHttpClient();
        InputStream body = http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
      byte[] buffer = new byte[1 << 16];
      for (int read; (read = body.read(buffer)) >= 0; size += read) {
        digest.update(buffer, 0, read);
      }
    }
    assertThat(size).isGreaterThan(600L << 20);
    String execution = ref.split("/")[3];
    assertThat(client.get("/api/result/" + execution + "/start").text())
        .contains("\"bytes\":" + size, HexFormat.of().formatHex(digest.digest()));
  }

  @Test
  void rowsOfPostgresPassThrough() throws Exception {
    passesThrough(
        "postgres",
        """
        kind: postgres
        host: "{{ db.host }}"
        port: "{{ db.port }}"
        user: "{{ db.user }}"
        password: "{{ db.password }}"
        database: "{{ db.name }}"
        command: >
          select i, repeat(md5(i::text), 31) as pad from generate_series(0, %d) i
        """
            .formatted(ROWS - 1));
  }

  @Test
  void rowsOfDuckdbPassThrough() throws Exception {
    passesThrough(
        "duckdb",
        """
        kind: duckdb
        query: select range as i, repeat(md5(range::varchar), 31) as pad from range(%d)
        """
            .formatted(ROWS));
  }
}
