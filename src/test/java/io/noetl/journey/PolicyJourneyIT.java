package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.cli.CliRun;
import io.noetl.config.ConfigLoader;
import io.noetl.json.Json;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.signature.TestKeys;
import io.noetl.testing.TestClient;
import io.noetl.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies from their source to a refusal: plug-ins, pool, database and HTTP as they are. */
class PolicyJourneyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String INTERNAL_TOKEN = "the-token-of-this-test";
  private static final String POLICIES = "/api/internal/policies";

  @TempDir private static Path folder;
  private static final List<Object> ENTRIES = new ArrayList<>();
  private static EmbeddedRuntime runtime;
  private static String address;
  private static String adaToken;
  private static String bobToken;
  private static String olgaToken;
  private static TestClient ada;
  private static TestClient bob;
  private static TestClient olga;

  @BeforeAll
  static void start() throws Exception {
    adaToken = token("ada", "acme", "user");
    bobToken = token("bob", "acme", "user");
    olgaToken = token("olga", "*", "operator");
    Files.writeString(folder.resolve("tokens.json"), Json.text(Map.of("tokens", ENTRIES)));
    TestKeys keys = TestKeys.fresh();
    Files.writeString(folder.resolve("signers.pem"), keys.publicPem());
    Files.writeString(folder.resolve("key.pem"), keys.privatePem());
    up();
    CliRun installed =
        noetl("plugin", "install-system", "--key", folder.resolve("key.pem").toString());
    assertThat(installed.exit()).as(installed.err()).isZero();
    assertThat(installed.out()).contains("system/rbac version 1", "system/auth version 1");
    for (String path : List.of("billing/daily", "sales/daily")) {
      ada.register(
          """
          apiVersion: noetl.io/v2
          kind: Playbook
          metadata: {name: daily, path: %s}
          workflow:
            - {step: start, tool: {kind: noop}}
          """
              .formatted(path));
    }
  }

  private static void up() {
    runtime = new Wiring().embedded();
    Map<String, String> settings = new HashMap<>();
    settings.put("server.port", "0");
    settings.put("data.folder", folder.resolve("data").toString());
    settings.put("bus.mode", "memory");
    settings.put("worker.drain", "0s");
    settings.put("plugin.signers", folder.resolve("signers.pem").toString());
    settings.put("auth.mode", "token");
    settings.put("auth.internal-token", INTERNAL_TOKEN);
    settings.put("auth.tokens-file", folder.resolve("tokens.json").toString());
    settings.put("policy.poll", "100ms");
    settings.put("policy.retry", "300ms");
    settings.put("policy.refresh", "1m");
    settings.put("policy.deadline", "5s");
    address = runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString();
    ada = TestClient.withToken(address, adaToken);
    bob = TestClient.withToken(address, bobToken);
    olga = TestClient.withToken(address, olgaToken);
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  private static String token(String subject, String tenant, String role) {
    CliRun made =
        CliRun.of(
            List.of("token", "new", "--subject", subject, "--tenant", tenant, "--role", role));
    assertThat(made.exit()).as(made.err()).isZero();
    ENTRIES.add(Json.parseObject(made.err().substring(made.err().indexOf('{'))));
    return made.out().strip();
  }

  private static CliRun noetl(String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addAll(
        List.of(
            "--server",
            address,
            "--token",
            olgaToken,
            "-D",
            "auth.internal-token=" + INTERNAL_TOKEN));
    return CliRun.of(line);
  }

  private static void set(String part, Object source) throws IOException {
    var reply = olga.post(POLICIES + "/" + part, Map.of("source", source));
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
  }

  private static Map<String, Object> policy(String part) {
    return olga.look(POLICIES + "/" + part).body();
  }

  private static void until(String part, String member, Object value) {
    Waiting.until(
        PATIENCE, () -> policy(part).toString(), () -> value.equals(policy(part).get(member)));
  }

  private static int run(TestClient client, String path) {
    try {
      return client.post("/api/execute", Map.of("path", path)).status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void narrowsWhatTokensMayAndNeverLocksOperatorsOut() throws Exception {
    assertThat(run(ada, "billing/daily")).isEqualTo(200);
    set("auth", Map.of("subjects", Map.of("ada", Map.of("roles", List.of("billing")))));
    until("auth", "state", "in force");
    set(
        "rbac",
        Map.of(
            "everyone", Map.of("may", List.of("read")),
            "roles", Map.of("billing", Map.of("may", List.of("run billing/**")))));
    until("rbac", "state", "in force");

    assertThat(run(ada, "billing/daily")).isEqualTo(200);
    var denied = ada.post("/api/execute", Map.of("path", "sales/daily"));
    assertThat(denied.status()).isEqualTo(403);
    assertThat(denied.text())
        .contains("path=sales/daily", "the policy's default", "policy_version");
    assertThat(run(bob, "billing/daily")).isEqualTo(403);
    assertThat(run(olga, "billing/daily")).isEqualTo(404);

    int version = ((Number) policy("rbac").get("version")).intValue();
    runtime.close();
    up();
    assertThat(run(bob, "billing/daily")).isEqualTo(403);
    assertThat(policy("rbac")).containsEntry("version", (long) version);

    olga.post(POLICIES + "/rbac", Map.of("source", Map.of("roles", 7)));
    Waiting.until(
        PATIENCE,
        () -> policy("rbac").toString(),
        () -> String.valueOf(policy("rbac").get("error")).contains("roles: Expected an object"));
    assertThat(run(ada, "billing/daily")).isEqualTo(200);
    assertThat(run(bob, "billing/daily")).isEqualTo(403);
    CliRun removed = noetl("policy", "remove", "rbac");
    assertThat(removed.exit()).as(removed.err()).isZero();
    Waiting.until(PATIENCE, () -> "bob stays out", () -> run(bob, "billing/daily") == 200);
  }
}
