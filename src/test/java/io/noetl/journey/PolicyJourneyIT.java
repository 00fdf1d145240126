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
import java.util.HexFormat;
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
    Waiting.until(
        PATIENCE,
        () -> policy(part).toString(),
        () -> reply.body().get("source_version").equals(policy(part).get("compiled_from")));
  }

  private static Map<String, Object> policy(String part) {
    return olga.look(POLICIES + "/" + part).body();
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
    set(
        "rbac",
        Map.of(
            "everyone", Map.of("may", List.of("read")),
            "roles", Map.of("billing", Map.of("may", List.of("run billing/**")))));

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

  /** {@code execute} is a loop without an end; 64 KiB of memory. */
  private static final byte[] ENDLESS =
      HexFormat.of()
          .parseHex(
              "0061736d01000000" // magic, version
                  + "0106016001"
                  + "7f"
                  + "017f" // type (i32) -> i32
                  + "03020100" // one function
                  + "0503010001" // one memory of a page
                  + "0714"
                  + "02"
                  + "066d656d6f7279"
                  + "0200"
                  + "0765786563757465"
                  + "0000"
                  + "0a0a01"
                  + "0800"
                  + "0340"
                  + "0c00"
                  + "0b"
                  + "00"
                  + "0b");

  @Test
  void aPlugInThatLoopsLocksNobodyOutAndIsReplaced() throws Exception {
    // The module of the compiler is replaced, as by an operator's slip.
    Path module = Files.write(folder.resolve("rbac.wasm"), ENDLESS);
    set("rbac", Map.of("default", "allow"));
    Object version = policy("rbac").get("version");
    CliRun pushed = push(module);
    assertThat(pushed.exit()).as(pushed.err()).isZero();

    olga.post(POLICIES + "/rbac/refresh", Map.of()).ok();
    Waiting.until(
        PATIENCE,
        () -> policy("rbac").toString(),
        () -> String.valueOf(policy("rbac").get("error")).contains("fuel"));

    assertThat(ada.get("/api/executions").status()).isEqualTo(200);
    assertThat(policy("rbac")).containsEntry("state", "in force").containsEntry("version", version);
    CliRun shown = noetl("policy", "show");
    assertThat(shown.exit()).isEqualTo(1);
    assertThat(shown.out()).contains("rbac: in force", "latest compilation failed");
    assertThat(ada.get("/readyz").text()).contains("stays in force");

    TestClient system = TestClient.withToken(address, olgaToken, "X-Noetl-Tenant", "noetl-system");
    system.delete("/api/plugins/system/plugins/rbac?version=2").ok();
    Path source = Files.writeString(folder.resolve("rbac.yaml"), "everyone: {may: [everything]}\n");
    CliRun set = noetl("policy", "set", "rbac", source.toString());
    assertThat(set.exit()).as(set.err()).isZero();
    assertThat(set.out()).contains("is in force: 1 rules");
    CliRun tested =
        noetl("policy", "test", "POST", "/api/execute", "--role", "user", "--path", "a/b");
    assertThat(tested.exit()).isZero();
    assertThat(tested.out()).contains("allowed by rule 'everyone may everything'");
    assertThat(noetl("policy", "test", "POST", "/api/execute").exit()).isEqualTo(1);
  }

  private static CliRun push(Path module) {
    return CliRun.of(
        List.of(
            "plugin",
            "push",
            "system/plugins/rbac",
            module.toString(),
            "--tenant",
            "noetl-system",
            "--key",
            folder.resolve("key.pem").toString(),
            "--server",
            address,
            "--token",
            olgaToken,
            "-D",
            "auth.internal-token=" + INTERNAL_TOKEN));
  }

  @Test
  void checksASourceWithoutAServer() throws Exception {
    Path good =
        Files.writeString(
            folder.resolve("good.yaml"), "roles: {billing: {may: [read, \"run billing/**\"]}}\n");
    Path bad =
        Files.writeString(
            folder.resolve("bad.yaml"), "roles: {billing: {may: [fly, 7]}}\ndefault: no\n");

    CliRun checked = CliRun.of(List.of("policy", "check", "rbac", good.toString(), "--print"));
    assertThat(checked.exit()).as(checked.err()).isZero();
    assertThat(Json.parseObject(checked.out())).containsEntry("default", "deny");
    CliRun refused = CliRun.of(List.of("policy", "check", "rbac", bad.toString()));
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err().lines().toList())
        .hasSize(3)
        .anyMatch(line -> line.startsWith("roles.billing.may[0]: Expected read, run"))
        .anyMatch(line -> line.startsWith("default: Expected allow or deny"));
    assertThat(CliRun.of(List.of("policy", "check", "other", bad.toString())).exit()).isEqualTo(2);
    assertThat(CliRun.of(List.of("policy", "check", "auth", "/nowhere")).exit()).isEqualTo(2);
  }
}
