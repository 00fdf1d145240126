package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.cli.CliRun;
import io.noetl.config.ConfigLoader;
import io.noetl.json.Json;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.signature.TestKeys;
import io.noetl.testing.RecordingServer;
import io.noetl.testing.TestClient;
import io.noetl.testing.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two tenants with tokens on one system, whose workers serve both. */
class TokensJourneyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String BLOB = "x".repeat(2_000);

  @TempDir private static Path folder;
  private static final List<Object> ENTRIES = new ArrayList<>();
  private static final List<String> SHOWN = new CopyOnWriteArrayList<>();
  private static EmbeddedRuntime runtime;
  private static RecordingServer service;
  private static String address;
  private static String acmeToken;
  private static String operatorToken;
  private static String workerToken;
  private static TestClient acme;
  private static TestClient bank;
  private static TestClient operator;
  private static TestClient worker;

  @BeforeAll
  static void start() throws Exception {
    acmeToken = token("ada", "acme", "user");
    String bankToken = token("bob", "bank", "user");
    operatorToken = token("olga", "*", "operator");
    workerToken = token("extra", "acme", "worker");
    write();
    service =
        new RecordingServer(
            request -> {
              SHOWN.add(request.path() + " " + request.header("x-key"));
              return request.echo();
            });
    TestKeys keys = TestKeys.fresh();
    Files.writeString(folder.resolve("signers.pem"), keys.publicPem());
    Files.writeString(folder.resolve("key.pem"), keys.privatePem());
    runtime = new Wiring().embedded();
    Map<String, String> settings = new HashMap<>();
    settings.put("server.port", "0");
    settings.put("data.folder", folder.resolve("data").toString());
    settings.put("bus.mode", "memory");
    settings.put("worker.drain", "0s");
    settings.put("plugin.signers", folder.resolve("signers.pem").toString());
    settings.put("auth.mode", "token");
    settings.put("auth.tokens-file", folder.resolve("tokens.json").toString());
    settings.put("auth.tokens-refresh", "100ms");
    settings.put("results.inline-max-bytes", "1KiB");
    address = runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString();
    acme = TestClient.withToken(address, acmeToken);
    bank = TestClient.withToken(address, bankToken);
    operator = TestClient.withToken(address, operatorToken);
    worker = TestClient.withToken(address, workerToken);
  }

  @AfterAll
  static void stop() {
    runtime.close();
    service.close();
  }

  private static String token(String subject, String tenant, String role) {
    CliRun made =
        CliRun.of(
            List.of("token", "new", "--subject", subject, "--tenant", tenant, "--role", role));
    assertThat(made.exit()).as(made.err()).isZero();
    ENTRIES.add(Json.parseObject(made.err().substring(made.err().indexOf('{'))));
    return made.out().strip();
  }

  private static void write() throws Exception {
    replace(Json.text(Map.of("tokens", ENTRIES)));
  }

  private static void replace(String text) throws Exception {
    Path fresh = Files.writeString(folder.resolve("tokens.new"), text);
    Files.move(
        fresh,
        folder.resolve("tokens.json"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  /** A credential, a child in a sequence, a plug-in, and data out of line. */
  private static String playbook() {
    return """
    apiVersion: noetl.io/v2
    kind: Playbook
    metadata: {name: both, path: both/main}
    workload: {base: x}
    workflow:
      - step: start
        tool:
          kind: http
          url: "{{ workload.base }}"
          auth: {type: api_key, credential: key}
        next: count
      - step: count
        tool: {kind: wasm, plugin: {path: both/words}, input: {text: "a b a"}}
        next: large
      - step: large
        tool: {kind: python, code: "result = {'text': 'x' * 2000}"}
        next: small
      - step: small
        tool:
          - {name: child, kind: playbook, path: both/child, return_step: start}
          - {name: after, kind: python, input: {text: "{{ large.text }}", of: "{{ child.of }}"},
             code: "result = {'of': of, 'length': len(text)}"}
        next: end
      - step: end
        tool: {kind: noop, result: {of: "{{ small.of }}", length: "{{ small.length }}",
                                    words: "{{ count.words }}"}}
    """;
  }

  private static String child(String of) {
    return """
    apiVersion: noetl.io/v2
    kind: Playbook
    metadata: {name: child, path: both/child}
    workflow:
      - {step: start, tool: {kind: python, code: "result = {'of': '%s'}"}}
    """
        .formatted(of);
  }

  private static String run(TestClient client, String name) throws Exception {
    client
        .post(
            "/api/credentials",
            Map.of(
                "name",
                "key",
                "type",
                "api_key",
                "data",
                Map.of("key", "secret-of-" + name, "header", "X-Key")))
        .ok();
    client.plugin("both/words", "word-count");
    client.register(child(name));
    client.register(playbook());
    String id = client.execute("both/main", Map.of("base", service.url("/" + name)));
    Map<String, Object> ended = client.ended(id, PATIENCE);
    assertThat(ended).as(String.valueOf(ended.get("error"))).containsEntry("status", "COMPLETED");
    assertThat(ended.get("result"))
        .isEqualTo(Map.of("of", name, "length", (long) BLOB.length(), "words", 3L));
    return id;
  }

  @Test
  void oneWorkerServesTwoTenantsThatCannotSeeEachOther() throws Exception {
    String ofAcme = run(acme, "acme");
    String ofBank = run(bank, "bank");

    assertThat(SHOWN).contains("/acme secret-of-acme", "/bank secret-of-bank");
    assertThat(SHOWN).doesNotContain("/acme secret-of-bank", "/bank secret-of-acme");
    for (String path :
        List.of("", "/status", "/events", "/diagnose", "/outcome?until=ended&wait_ms=1")) {
      assertThat(bank.get("/api/executions/" + ofAcme + path).status()).as(path).isIn(403, 404);
    }
    assertThat(bank.get("/api/executions").text()).contains(ofBank).doesNotContain(ofAcme);
    assertThat(bank.post("/api/executions/" + ofAcme + "/cancel", Map.of()).status())
        .isEqualTo(404);
    assertThat(bank.get("/api/result/" + ofAcme + "/list").status()).isEqualTo(404);
    String reference = reference(acme, ofAcme);
    assertThat(acme.get("/api/result/resolve?ref=" + reference).ok().text()).contains(BLOB);
    assertThat(bank.get("/api/result/resolve?ref=" + reference).status()).isEqualTo(404);
    assertThat(worker.get("/api/result/resolve?ref=" + reference(bank, ofBank)).status())
        .isEqualTo(404);
    assertThat(bank.get("/api/catalog/resource?path=both/child").ok().text()).contains("'bank'");
    acme.register(child("acme").replace("both/child", "acme/own"));
    assertThat(bank.get("/api/catalog/resource?path=acme/own").status()).isEqualTo(404);
    assertThat(bank.post("/api/execute", Map.of("path", "acme/own")).status()).isEqualTo(404);
    assertThat(operator.get("/api/executions/" + ofAcme).status()).isEqualTo(404);
    TestClient forAcme = TestClient.withToken(address, operatorToken, "X-Noetl-Tenant", "acme");
    assertThat(forAcme.get("/api/executions/" + ofAcme).status()).isEqualTo(200);
    assertThat(
            acme.post("/api/execute", Map.of("path", "both/main"), "X-Noetl-Tenant", "bank")
                .status())
        .isEqualTo(403);
  }

  private static String reference(TestClient client, String execution) throws Exception {
    Map<String, Object> list = client.get("/api/result/" + execution + "/list").ok().body();
    return String.valueOf(((Map<?, ?>) ((List<?>) list.get("refs")).getFirst()).get("ref"));
  }

  @Test
  void secretsAreForWorkersOfTheirExecutionOnly() throws Exception {
    acme.post(
            "/api/credentials",
            Map.of("name", "own", "type", "bearer", "data", Map.of("token", "t-o-k-e-n")))
        .ok();

    assertThat(acme.get("/api/credentials/own").ok().text()).doesNotContain("t-o-k-e-n");
    assertThat(acme.get("/api/credentials/own?include_data=true").status()).isEqualTo(403);
    assertThat(worker.get("/api/credentials/own?include_data=true&execution_id=5").status())
        .isEqualTo(403);
    assertThat(bank.get("/api/credentials/own").status()).isEqualTo(404);
  }

  @Test
  void tellsWhoIsUnknownFromWhoMayNot() throws Exception {
    TestClient nobody = new TestClient(address);
    assertThat(nobody.get("/api/executions").status()).isEqualTo(401);
    assertThat(nobody.get("/api/executions").body()).containsEntry("code", "unauthenticated");
    assertThat(nobody.get("/api/health").ok().body()).containsEntry("auth", "token");
    assertThat(TestClient.withToken(address, "noetl_guessed").get("/api/executions").status())
        .isEqualTo(401);
    assertThat(worker.get("/api/executions").body()).containsEntry("code", "forbidden");
    assertThat(acme.post("/api/commands/5/claim", Map.of("worker_id", "w")).status())
        .isEqualTo(403);
    assertThat(acme.get("/api/internal/retention").status()).isEqualTo(403);
    assertThat(operator.get("/api/internal/retention").status()).isEqualTo(200);
    assertThat(operator.get("/api/internal/plugins/both/words").status()).isEqualTo(403);
  }

  @Test
  void commandsOfTheLineShowTheToken() throws Exception {
    Path file =
        Files.writeString(folder.resolve("line.yaml"), child("line").replace("both", "line"));

    CliRun run =
        CliRun.of(
            List.of(
                "run", file.toString(), "--server", address, "--token", acmeToken, "-o", "json"));
    CliRun without = CliRun.of(List.of("run", file.toString(), "--server", address));
    CliRun install =
        CliRun.of(
            List.of(
                "plugin",
                "install-system",
                "--server",
                address,
                "--token",
                operatorToken,
                "--key",
                folder.resolve("key.pem").toString()));

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(Json.parseObject(run.out())).containsEntry("status", "COMPLETED");
    assertThat(without.exit()).isEqualTo(2);
    assertThat(without.err()).contains("token");
    assertThat(install.exit()).as(install.err()).isZero();
    String look = operator.execute("system/doctor", Map.of("dry_run", true));
    assertThat(operator.ended(look, PATIENCE)).containsEntry("status", "COMPLETED");
  }

  @Test
  void readsTheFileAgainAndKeepsTheOldTokensWhenItIsBroken() throws Exception {
    String late = token("late", "acme", "user");
    TestClient user = TestClient.withToken(address, late);
    assertThat(user.get("/api/executions").status()).isEqualTo(401);

    write();
    Waiting.until(PATIENCE, () -> "not read", () -> user.look("/api/executions").status() == 200);
    replace("{\"tokens\": [");
    Waiting.until(
        PATIENCE,
        () -> "not told",
        () -> user.look("/readyz").text().contains("the tokens read before stay in force"));
    assertThat(user.get("/api/executions").status()).isEqualTo(200);
    assertThat(user.get("/readyz").status()).isEqualTo(200);
    assertThat(user.get("/metrics").text()).contains("noetl_auth_tokens_stale{role=\"all\"} 1.0");
    ENTRIES.removeLast();
    write();
    Waiting.until(PATIENCE, () -> "still in", () -> user.look("/api/executions").status() == 401);
    assertThat(user.get("/readyz").text()).doesNotContain("stay in force");
  }
}
