package io.noetl.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.noetl.api.Token;
import io.noetl.api.Tokens;
import io.noetl.config.DatabaseConfig;
import io.noetl.json.Json;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import io.noetl.testing.Processes;
import io.noetl.testing.RoleProcess;
import io.noetl.testing.TestClient;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the chart renders really starts: each role as a process with the arguments and exactly the
 * environment of its pod. Only what a cluster provides is replaced: addresses, the content of
 * Secrets, and where they are mounted.
 */
class ChartProcessesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String SERVER = "noetl-server";

  private static final List<String> ROLES =
      List.of(SERVER, "noetl-publisher", "noetl-projector", "noetl-worker", "noetl-system-pool");

  private static final String PLAYBOOK =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: chart, path: tests/chart}
      workflow:
        - step: start
          tool: {kind: python, code: "result = {'sum': 1 + 2}"}
      """;

  @TempDir Path folder;

  @Test
  void everyRoleStartsWithWhatItsPodHasAndGetsReady() throws Exception {
    DatabaseConfig database = TestPostgres.empty();
    try (NatsServer nats = NatsServers.start();
        Processes processes = new Processes("chart")) {
      Chart chart =
          Chart.LEAST
              .with("database.host", database.host())
              .with("database.port", database.port())
              .with("database.name", database.name())
              .with("database.user", database.user())
              .with("nats.url", nats.url())
              .with("keys.existingSecret", "keys")
              .with("ports.api", processes.freePort());
      Map<String, String> secrets =
          Map.of(
              "db/password", database.password().reveal(),
              "keys/credentials-key", Processes.SECRET_KEY,
              "keys/internal-token", "the-internal-token-of-this-test",
              "tokens/worker-token", "of-worker",
              "tokens/system-pool-token", "of-system");
      Files.write(folder.resolve("tokens.json"), tokens());

      migrate(chart, processes, secrets);
      Map<RoleProcess, Probes> started = new LinkedHashMap<>();
      for (String name : ROLES) {
        // All share one machine here, so each has a port of its own.
        Rendered rendered = chart.with("ports.metrics", processes.freePort()).render();
        Container container = Rendered.container(rendered.pod(name));
        int port = container.getPorts().getFirst().getContainerPort();
        RoleProcess role =
            processes.role(name, port, environment(rendered, name, secrets), container.getArgs());
        started.put(role.start(), Probes.of(container));
      }

      started.forEach(ChartProcessesIT::answers);
      runsAPlaybook(started.keySet());
    }
  }

  /** All probes at once, at some moment: the first role is up long before the last. */
  private static void answers(RoleProcess role, Probes probes) {
    role.awaitReady(PATIENCE);
    Waiting.until(
        PATIENCE,
        () -> "not all of " + probes.paths() + " of " + role.name() + " answer 200: " + role.log(),
        () -> probes.paths().stream().allMatch(path -> status(role.url() + path) == 200));
    assertThat(status(role.url() + "/metrics")).as(role.name()).isEqualTo(200);
  }

  private void migrate(Chart chart, Processes processes, Map<String, String> secrets) {
    Rendered rendered = chart.render();
    RoleProcess migration =
        processes
            .role(
                "noetl-migrate",
                0,
                environment(rendered, "noetl-migrate", secrets),
                Rendered.container(rendered.pod("noetl-migrate")).getArgs())
            .start();

    assertThat(migration.awaitExit(PATIENCE)).as(migration.log()).isZero();
  }

  private static void runsAPlaybook(Set<RoleProcess> roles) throws IOException {
    RoleProcess server =
        roles.stream().filter(role -> role.name().equals(SERVER)).findFirst().orElseThrow();
    TestClient client = TestClient.withToken(server.url(), "of-ada");
    client.register(PLAYBOOK);

    assertThat(client.ended(client.execute("tests/chart", Map.of()), PATIENCE))
        .containsEntry("status", "COMPLETED")
        .containsEntry("result", Map.of("sum", 3L));
  }

  private Map<String, String> environment(
      Rendered rendered, String name, Map<String, String> secrets) {
    Map<String, String> environment =
        new LinkedHashMap<>(
            rendered.environment(
                name,
                (secret, key) -> {
                  String value = secrets.get(secret + "/" + key);
                  assertThat(value).as("%s of %s, which %s wants", key, secret, name).isNotNull();
                  return value;
                }));
    environment.replaceAll(
        (_, value) ->
            value
                .replace("http://" + SERVER + ":", "http://127.0.0.1:")
                .replace("/etc/noetl/tokens/", folder + "/")
                .replaceFirst("^/data(?=/|$)", folder.toString()));
    return environment;
  }

  private static byte[] tokens() {
    return Json.bytes(
        Map.of(
            "tokens",
            List.of(
                entry("of-ada", "acme", Token.Role.USER),
                entry("of-worker", "*", Token.Role.WORKER),
                entry("of-system", "*", Token.Role.WORKER))));
  }

  private static Map<String, Object> entry(String secret, String tenant, Token.Role role) {
    return Tokens.entry(secret, new Token(secret, tenant, Set.of(role), null));
  }

  private static int status(String url) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(url)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** What the kubelet asks. */
  private record Probes(List<String> paths) {
    static Probes of(Container container) {
      return new Probes(
          List.of(
              path(container.getStartupProbe()),
              path(container.getLivenessProbe()),
              path(container.getReadinessProbe())));
    }

    private static String path(Probe probe) {
      return probe.getHttpGet().getPath();
    }
  }
}
