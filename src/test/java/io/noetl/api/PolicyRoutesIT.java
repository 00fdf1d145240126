package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.noetl.policy.PolicyLimits;
import io.noetl.policy.compiled.Policies;
import io.noetl.policy.compiled.PolicyKeeper;
import io.noetl.policy.compiled.PolicyMetrics;
import io.noetl.policy.compiled.PolicySettings;
import io.noetl.postgres.Database;
import io.noetl.support.Progress;
import io.noetl.testing.TestClient;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Policies on two servers and one database. The compiler is a playbook that needs no worker, so
 * that a test can make it say anything.
 */
class PolicyRoutesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String POLICIES = "/api/internal/policies";

  private final Database database = TestPostgres.open();
  private final List<AutoCloseable> open = new ArrayList<>();
  private volatile Duration ahead = Duration.ZERO;
  private Server one;
  private Server two;
  private TestClient ada;
  private TestClient operator;
  private TestClient compiler;

  private record Server(ServerParts parts, Policies policies, PolicyKeeper keeper) {}

  private final Tokens tokens =
      new Tokens(
          Map.of(
              Tokens.sha256("u"), new Token("ada", "acme", Set.of(Token.Role.USER), null),
              Tokens.sha256("w"), new Token("w1", "*", Set.of(Token.Role.WORKER), null),
              Tokens.sha256("s"), new Token("eve", "noetl-system", Set.of(Token.Role.USER), null),
              Tokens.sha256("any"), new Token("eve", "*", Set.of(Token.Role.USER), null),
              Tokens.sha256("root"), new Token("olga", "*", Set.of(Token.Role.OPERATOR), null)));

  @BeforeEach
  void start() throws Exception {
    one = server(1, PolicySettings.WhenStale.DENY);
    two = server(2, PolicySettings.WhenStale.BUILT_IN);
    ada = TestClient.withToken(one.parts().url(), "u");
    operator = TestClient.withToken(one.parts().url(), "root");
    compiler =
        TestClient.withToken(one.parts().url(), "root", Access.TENANT_HEADER, "noetl-system");
    compiler("\"{{ workload.source }}\"");
    ada.register(playbook("look/hello", "tool: {kind: noop}"));
  }

  private Server server(int machine, PolicySettings.WhenStale whenStale) {
    Policies policies =
        new Policies(
            new PolicySettings(
                Duration.ofMillis(50),
                Duration.ofMinutes(1),
                Duration.ofSeconds(1),
                Duration.ofMillis(200),
                Duration.ofHours(1),
                whenStale,
                4_000,
                new PolicyLimits(10_000, 20)),
            (InstantSource) () -> Instant.now().plus(ahead));
    ServerParts parts =
        new ServerParts(
            database,
            machine,
            new TokenAccess(
                ServerParts.INTERNAL_TOKEN,
                () -> tokens,
                "",
                InstantSource.system(),
                policies::given),
            policies);
    PolicyKeeper keeper = keeper(parts, policies);
    open.addFirst(parts);
    open.addFirst(keeper);
    return new Server(parts, policies, keeper);
  }

  private PolicyKeeper keeper(ServerParts parts, Policies policies) {
    PolicyKeeper keeper =
        new PolicyKeeper(
            database,
            parts.compilations,
            policies,
            parts.ids::next,
            new PolicyMetrics(new SimpleMeterRegistry()),
            (_, _) -> {},
            new Progress(System::nanoTime).loop("policies", PATIENCE));
    keeper.start();
    return keeper;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : open) {
      part.close();
    }
    database.close();
  }

  private static String playbook(String path, String step) {
    return """
    apiVersion: noetl.io/v2
    kind: Playbook
    metadata: {name: p, path: %s}
    workload: {source: {}}
    workflow:
      - {step: start, %s}
    """
        .formatted(path, step);
  }

  private void compiler(String result) throws IOException {
    compiler.register(playbook("system/rbac", "tool: {kind: noop, result: " + result + "}"));
  }

  private static Map<String, Object> policy(String fallback, Object... rules) {
    return Map.of("format", "noetl.rbac/1", "default", fallback, "rules", List.of(rules));
  }

  private void set(Map<String, Object> source) throws IOException {
    operator.post(POLICIES + "/rbac", Map.of("source", source)).ok();
  }

  private Map<String, Object> rbac() {
    return operator.look(POLICIES + "/rbac").body();
  }

  private void failed(String why) {
    Waiting.until(
        PATIENCE,
        () -> why + " in " + rbac(),
        () -> String.valueOf(rbac().get("error")).contains(why));
  }

  private void version(int version) {
    for (Server server : List.of(one, two)) {
      Waiting.until(
          PATIENCE,
          () -> "version " + version + " in " + rbac(),
          () -> standing(server) == version);
    }
  }

  private static int standing(Server server) {
    return server.policies().standing(io.noetl.policy.compiled.Part.RBAC).version();
  }

  private static int lists(TestClient client) throws IOException {
    return client.get("/api/executions").status();
  }

  @Test
  void serversConvergeAndKeepThePolicyOverARestart() throws Exception {
    set(
        policy(
            "deny", Map.of("name", "none may list", "effect", "deny", "methods", List.of("GET"))));
    version(1);

    for (Server server : List.of(one, two)) {
      var denied = TestClient.withToken(server.parts().url(), "u").get("/api/executions");
      assertThat(denied.status()).isEqualTo(403);
      assertThat(denied.body())
          .containsEntry("code", "forbidden")
          .containsEntry("rule", "none may list")
          .containsEntry("policy_version", 1L);
      assertThat(String.valueOf(denied.body().get("error")))
          .contains("ada GET /api/executions", "rule 'none may list' of version 1");
    }
    assertThat(lists(operator)).isEqualTo(200);
    assertThat(ada.get("/readyz").text()).contains("policy rbac version", "version 1");
    assertThat(ada.get("/api/health").body())
        .containsEntry("policies", Map.of("auth", "off", "rbac", "in force"));

    Policies again = new Policies(one.policies().settings(), InstantSource.system());
    try (PolicyKeeper keeper = keeper(one.parts(), again)) {
      assertThat(keeper).isNotNull();
      assertThat(again.rules().rules()).hasSize(1);
    }
    set(policy("allow"));
    version(2);
    assertThat(lists(ada)).isEqualTo(200);
    operator.post(POLICIES + "/rbac/refresh", Map.of()).ok();
    assertThat(rbac()).containsEntry("version", 2L).containsEntry("error", null);
  }

  @Test
  void brokenCompilersLeaveThePolicyOfBeforeInForce() throws Exception {
    set(policy("allow", Map.of("name", "x", "effect", "deny", "subjects", List.of("ada"))));
    version(1);

    compiler("7");
    failed("Expected a JSON object");
    compiler("{format: noetl.rbac/1, default: maybe, rules: [{name: a}], more: 1}");
    failed("more: Expected one of");
    failed("default: Expected allow or deny");
    compiler("\"{{ 'x' * 20000 }}\"");
    failed("policy.max-bytes");
    compiler.register(playbook("system/rbac", "tool: {kind: python, code: \"result = 1\"}"));
    failed("did not end within 1000 ms (policy.deadline)");
    compiler.register(playbook("system/rbac", "tool: {kind: wait, timer: {duration: 1h}}"));

    assertThat(lists(ada)).isEqualTo(403);
    assertThat(lists(operator)).isEqualTo(200);
    assertThat(rbac()).containsEntry("state", "in force").containsEntry("version", 1L);
    compiler("{format: noetl.rbac/1, default: allow, rules: []}");
    version(2);
    assertThat(lists(ada)).isEqualTo(200);
  }

  @Test
  void aPolicyTooOldDeniesOrLeavesTheBuiltInRules() throws Exception {
    set(policy("deny"));
    version(1);
    TestClient elsewhere = TestClient.withToken(two.parts().url(), "u");
    assertThat(lists(ada)).isEqualTo(403);
    assertThat(lists(elsewhere)).isEqualTo(403);

    ahead = Duration.ofMinutes(61);

    var refused = ada.get("/api/executions");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.body()).containsEntry("reason", "policy_stale");
    assertThat(lists(elsewhere)).isEqualTo(200);
    assertThat(lists(operator)).isEqualTo(200);
    assertThat(ada.get("/api/health").body())
        .containsEntry("policies", Map.of("auth", "off", "rbac", "stale"));
    assertThat(
            TestClient.withToken(one.parts().url(), "w")
                .post("/api/commands/heartbeat", Map.of("commands", List.of()))
                .status())
        .isNotIn(403, 503);
  }

  @Test
  void nothingHoldsBeforeTheFirstCompilationAndNobodyElseTouchesTheCompilers() throws Exception {
    compiler("7");
    set(policy("deny"));
    failed("Expected a JSON object");
    assertThat(rbac()).containsEntry("state", "not compiled");
    assertThat(lists(ada)).isEqualTo(200);

    String text = playbook("system/rbac", "tool: {kind: noop}");
    for (TestClient eve :
        List.of(
            TestClient.withToken(one.parts().url(), "s"),
            TestClient.withToken(one.parts().url(), "any", Access.TENANT_HEADER, "noetl-system"))) {
      var refused = eve.post("/api/catalog/register", Map.of("content", text));
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.text()).contains("noetl-system is for the installation itself");
    }
    for (String part : List.of("rbac", "auth")) {
      assertThat(ada.post(POLICIES + "/" + part, Map.of("source", Map.of())).status())
          .isEqualTo(403);
    }
    assertThat(operator.post(POLICIES + "/other", Map.of("source", Map.of())).status())
        .isEqualTo(404);
    assertThat(operator.post(POLICIES + "/rbac", Map.of()).status()).isEqualTo(422);
    assertThat(operator.post(POLICIES + "/rbac", Map.of("content", "a: [")).status())
        .isEqualTo(422);
    assertThat(operator.post(POLICIES + "/rbac", Map.of("content", "a: 1\na: 2")).status())
        .isEqualTo(422);
    var large = operator.post(POLICIES + "/rbac", Map.of("source", Map.of("a", "x".repeat(4_000))));
    assertThat(large.text()).contains("policy.max-source-bytes");
  }

  @Test
  void rulesAboutPathsHoldForEveryRouteThatNamesOne() throws Exception {
    String running = ada.execute("look/hello", Map.of());
    set(policy("allow", Map.of("name", "not look", "effect", "deny", "paths", List.of("look/**"))));
    version(1);
    String hello = playbook("/look/hello/", "tool: {kind: noop}");

    assertThat(ada.post("/api/execute", Map.of("path", "look/hello")).text())
        .contains("path=look/hello", "not look");
    assertThat(
            ada.post(
                    "/api/execute/batch",
                    Map.of("executions", List.of(Map.of("path", "look/hello"))))
                .text())
        .contains("not look");
    for (String[] refused :
        new String[][] {
          {"POST", "/api/catalog/register", "content", hello},
          {"POST", "/api/catalog/resource", "path", "look/hello"},
          {"POST", "/api/catalog/delete", "path", "look/hello"},
          {"POST", "/api/catalog/restore", "path", "/look/hello"},
          {"GET", "/api/catalog/resource?path=look/hello"},
          {"GET", "/api/catalog/look/hello/ui_schema"},
          {"GET", "/api/plugins/look/x"},
          {"GET", "/api/executions/" + running},
          {"GET", "/api/vars/" + running},
          {"POST", "/api/executions/" + running + "/retry", "x", "y"},
          {"GET", "/api/executions"},
          {"GET", "/api/replay/state?execution_id=" + running}
        }) {
      var reply =
          refused[0].equals("GET")
              ? ada.get(refused[1])
              : ada.post(refused[1], Map.of(refused[2], refused[3]));
      assertThat(reply.status()).as(refused[1] + " " + reply.text()).isEqualTo(403);
      assertThat(reply.body()).containsEntry("rule", "not look");
    }
    assertThat(ada.get("/api/pool/status").status()).isEqualTo(200);
    assertThat(ada.post("/api/catalog/resource", Map.of("path", "look/other")).status())
        .isEqualTo(404);
  }

  @Test
  void everyRouteThatIsListedByWhatItIsAboutIsThere() {
    Set<String> known =
        one.parts().routes.routes().all().stream()
            .map(route -> route.method().text() + " " + route.template())
            .collect(Collectors.toSet());

    assertThat(known).containsAll(RoutePaths.IN_BODY).containsAll(RoutePaths.NOTHING);
  }

  @Test
  void saysWhatItWouldAnswerAndWhichRuleDecides() throws Exception {
    set(
        policy(
            "deny",
            Map.of(
                "name",
                "b",
                "effect",
                "allow",
                "roles",
                List.of("billing"),
                "routes",
                List.of("/api/execute"),
                "paths",
                List.of("billing/*"))));
    version(1);

    assertThat(test("POST", "/api/execute", "billing/a", "user", "billing"))
        .containsEntry("allowed", true)
        .containsEntry("rule", "b")
        .containsEntry("tenant", "default");
    assertThat(test("POST", "/api/execute", "billing/a", "user"))
        .containsEntry("allowed", false)
        .containsEntry("reason", "the policy's default");
    assertThat(test("GET", "/api/executions/123/status", "billing/a", "user", "billing"))
        .containsEntry("allowed", false)
        .containsEntry("route", "GET /api/executions/{id}/status");
    assertThat(test("POST", "/api/execute", "billing/a", "billing").get("reason").toString())
        .contains("built-in rules");
    assertThat(test("POST", "/api/execute", "x", "worker")).containsEntry("allowed", true);
    assertThat(
            operator
                .post(POLICIES + "/test", Map.of("method", "GET", "route", "/nowhere"))
                .status())
        .isEqualTo(422);
  }

  private Map<String, Object> test(String method, String route, String path, String... roles)
      throws IOException {
    return operator
        .post(
            POLICIES + "/test",
            Map.of("method", method, "route", route, "path", path, "roles", List.of(roles)))
        .ok()
        .body();
  }
}
