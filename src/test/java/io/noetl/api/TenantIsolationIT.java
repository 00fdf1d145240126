package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.mode.Admission;
import io.noetl.playbook.value.Outcome;
import io.noetl.pool.PluginBench;
import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;
import io.noetl.wasm.AskingPlugin;
import io.noetl.wasm.LeakingPlugin;
import io.noetl.wasm.PluginLimits;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A plug-in of one tenant, with every grant that its own operator can give, tries everything that
 * another tenant has. Nothing of it may be had, and what is not there must look the same.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TenantIsolationIT {
  private static final String THEIR_SECRET = "planted-their-secret-8a";
  private static final String OWN_SECRET = "planted-own-secret-2c";
  private static final PluginLimits LIMITS = PluginLimits.defaults(4, 1L << 30);
  private static final String PLAYBOOK =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: own, path: %s}
      workload: {%s: 1}
      workflow:
        - step: start
          tool: {kind: python, code: "result = 1"}
      """;

  private Database database;
  private ServerParts server;
  private Client client;
  private PluginBench pool;
  private String own;
  private String theirs;
  private String theirEvent;
  private String theirCredentialId;
  private String theirReference;
  private int plugins;

  @BeforeAll
  void start() {
    database = TestPostgres.open();
    server =
        new ServerParts(
            database,
            1,
            ServerParts.config(ApiLimits.DEFAULT),
            new TwoTenants("acme", "bank"),
            Admission.of(LIMITS));
    client = server.client();
    pool = new PluginBench(server.url(), "", LIMITS, Optional.empty());
    own = execution("own");
    theirs = execution("theirs", TwoTenants.SECOND);
    theirEvent =
        client
            .get("/api/executions/" + theirs + "/events", TwoTenants.SECOND)
            .ok()
            .text("events.0.event_id");
    credential("shared", OWN_SECRET);
    credential("shared", THEIR_SECRET, TwoTenants.SECOND);
    theirCredentialId = credential("vault", THEIR_SECRET, TwoTenants.SECOND).text("id");
    theirReference =
        client
            .send(
                "PUT",
                "/api/result/" + theirs,
                Json.bytes(Map.of("name", "start", "data", Map.of("secret", THEIR_SECRET))),
                TwoTenants.SECOND[0],
                TwoTenants.SECOND[1],
                "Content-Type",
                "application/json")
            .ok()
            .text("ref");
  }

  @AfterAll
  void stop() {
    pool.close();
    server.close();
    database.close();
  }

  private String execution(String word, String... headers) {
    client
        .post(
            "/api/catalog/register",
            Map.of("content", PLAYBOOK.formatted("test/own", word)),
            headers)
        .ok();
    return client
        .post("/api/execute", "{\"path\":\"test/own\"}", headers)
        .ok()
        .text("execution_id");
  }

  private Client.Answer credential(String name, String secret, String... headers) {
    return client
        .post(
            "/api/credentials",
            Json.text(Map.of("name", name, "type", "generic", "data", Map.of("token", secret))),
            headers)
        .ok();
  }

  /**
   * @param request of the guest, made when the executions are there
   * @param outcome code of the refusal; empty when it is answered, with nothing of the others
   */
  record Attempt(
      String name, String capability, String grants, Supplier<String> request, String outcome) {
    @Override
    public String toString() {
      return name;
    }
  }

  Stream<Attempt> attempts() {
    String log = "'host_read_event_log':{}";
    String catalog = "'host_mutate_catalog':{'prefix':'test/'}";
    String status = "'host_system_call':{'names':['execution.status']}";
    return Stream.of(
        new Attempt(
            "the log of their execution",
            "host_read_event_log",
            log,
            () -> "{'execution_id':'" + theirs + "'}",
            "DENIED"),
        new Attempt(
            "the log of an execution that nobody has",
            "host_read_event_log",
            log,
            () -> "{'execution_id':'12345'}",
            "DENIED"),
        new Attempt(
            "their event as the place to read on from",
            "host_read_event_log",
            log,
            () -> "{'after_id':'" + theirEvent + "'}",
            "NOT_FOUND"),
        new Attempt(
            "an event that nobody has as the place to read on from",
            "host_read_event_log",
            log,
            () -> "{'after_id':'12345'}",
            "NOT_FOUND"),
        new Attempt(
            "their credential, which the own operator granted by its name",
            "host_get_credential",
            "'host_get_credential':{'names':['vault']}",
            () -> "{'name':'vault'}",
            "NOT_FOUND"),
        new Attempt(
            "a credential that nobody has",
            "host_get_credential",
            "'host_get_credential':{'names':['nothing']}",
            () -> "{'name':'nothing'}",
            "NOT_FOUND"),
        new Attempt(
            "a credential of the same name", // gets the own one
            "host_get_credential",
            "'host_get_credential':{'names':['shared']}",
            () -> "{'name':'shared'}",
            ""),
        new Attempt(
            "SQL with their credential",
            "host_query_pg",
            "'host_query_pg':{'credential':'vault'}",
            () -> "{'sql':'select 1'}",
            "NOT_FOUND"),
        new Attempt(
            "an event in their execution",
            "host_put_event",
            "'host_put_event':{}",
            () -> "{'envelope':{'event_type':'order.forged','execution_id':'" + theirs + "'}}",
            "DENIED"),
        new Attempt(
            "a new version of the playbook that they have under this path", // makes an own one
            "host_mutate_catalog",
            catalog,
            () ->
                Json.text(
                    Map.of("path", "test/own", "yaml", PLAYBOOK.formatted("test/own", "forged"))),
            ""),
        new Attempt(
            "the status of their execution", // gets that of the own one
            "host_system_call",
            status,
            () -> "{'name':'execution.status','args':{'execution_id':'" + theirs + "'}}",
            ""));
  }

  @ParameterizedTest
  @MethodSource("attempts")
  void aPluginHasNothingOfAnotherTenant(Attempt attempt) throws Exception {
    String request = attempt.request().get();
    String path =
        plugin(
            AskingPlugin.of(
                attempt.capability(),
                request.startsWith("{'") ? request.replace('\'', '"') : request),
            "{" + attempt.grants() + "}");
    String before = everythingTheyHave();

    Outcome outcome = pool.run(own, path);

    assertThat(outcome.error()).isNull();
    Map<?, ?> data = (Map<?, ?>) outcome.data();
    assertThat(data.get("code")).isEqualTo(attempt.outcome().isEmpty() ? null : attempt.outcome());
    assertThat(String.valueOf(data)).doesNotContain(THEIR_SECRET, theirs, "theirs");
    assertThat(everythingTheyHave()).isEqualTo(before).doesNotContain("forged");
  }

  private String everythingTheyHave() {
    return Stream.of(
                "/api/executions/" + theirs + "/events?page_size=500",
                "/api/plugins",
                "/api/credentials",
                "/api/result/" + theirs + "/list",
                "/api/internal/plugin-grants/acme/isolation-1")
            .map(path -> client.get(path, TwoTenants.SECOND).ok().text())
            .reduce("", String::concat)
        + client.post("/api/catalog/resource", "{\"path\":\"test/own\"}", TwoTenants.SECOND).text();
  }

  private String plugin(byte[] module, String grants) {
    String path = "acme/isolation-" + ++plugins;
    client
        .post(
            "/api/internal/plugin-grants/" + path, "{\"grants\":" + grants.replace('\'', '"') + "}")
        .ok();
    Client.Answer registered =
        client.send("POST", "/api/plugins/" + path, module, "Content-Type", "application/wasm");
    assertThat(registered.status()).as(registered.text()).isEqualTo(201);
    return path;
  }

  /** What a pool that belongs to one tenant could ask the server by itself, past its own checks. */
  @Test
  void thePoolOfATenantHasNothingOfAnotherEither() {
    client
        .post(
            "/api/internal/plugin-grants/acme/all",
            "{\"grants\":{\"host_read_event_log\":{},\"host_get_credential\":{\"names\":[\""
                + theirCredentialId
                + "\",\"vault\"]},\"host_query_pg\":{\"credential\":\"vault\"},"
                + "\"host_system_call\":{\"names\":[\"execution.status\"]}}}")
        .ok();
    for (String call :
        List.of(
            "{\"capability\":\"host_read_event_log\",\"request\":{}",
            "{\"capability\":\"host_system_call\",\"request\":{\"name\":\"execution.status\"}",
            "{\"capability\":\"host_get_credential\",\"request\":{\"name\":\"vault\"}",
            "{\"capability\":\"host_query_pg\",\"request\":{}")) {
      assertThat(called(call, theirs)).as(call).isEqualTo(called(call, "12345")).isEqualTo(404);
    }
    assertThat(
            called(
                "{\"capability\":\"host_get_credential\",\"request\":{\"name\":\""
                    + theirCredentialId
                    + "\"}",
                own))
        .isEqualTo(404);
    assertThat(
            client
                .post(
                    "/api/events",
                    "{\"execution_id\":\"" + theirs + "\",\"event_type\":\"order.forged\"}")
                .status())
        .isEqualTo(404);
    assertThat(client.get("/api/executions/" + theirs + "/events").status()).isEqualTo(404);
    assertThat(client.get("/api/credentials/vault?include_data=true").status()).isEqualTo(404);
    assertThat(client.get("/api/credentials/" + theirCredentialId).status()).isEqualTo(404);
  }

  private int called(String call, String execution) {
    return client
        .post(
            "/api/internal/plugin-calls",
            call + ",\"path\":\"acme/all\",\"execution_id\":\"" + execution + "\"}")
        .status();
  }

  @Test
  void aResultOfAnotherTenantIsAsUnknownAsOneThatIsNotThere() {
    String resolve = "/api/result/resolve?ref=";
    String encoded =
        java.net.URLEncoder.encode(theirReference, java.nio.charset.StandardCharsets.UTF_8);

    assertThat(client.get(resolve + encoded, TwoTenants.SECOND).ok().text()).contains(THEIR_SECRET);
    assertThat(client.get(resolve + encoded).status()).isEqualTo(404);
    assertThat(client.get("/api/result/" + theirs + "/start").status()).isEqualTo(404);
    assertThat(client.get("/api/result/" + theirs + "/list").status()).isEqualTo(404);
    assertThat(client.get("/api/result/12345/list").status()).isEqualTo(404);
  }

  @Test
  void theSameModuleOfTwoTenantsHasGrantsOfItsOwn() throws Exception {
    // Shows what it was given in a form that is not hidden.
    byte[] module =
        LeakingPlugin.of(
            "shared", LeakingPlugin.reply("shared", "token", OWN_SECRET), OWN_SECRET, false);
    String grants = "/api/internal/plugin-grants/same/module";
    String names =
        "{\"grants\":{\"host_get_credential\":{\"names\":[\"shared\"]},"
            + "\"host_put_event\":{}}}";
    String[] theirHeaders = {
      TwoTenants.SECOND[0], TwoTenants.SECOND[1], "Content-Type", "application/wasm"
    };
    client.post(grants, names, TwoTenants.SECOND).ok();

    Client.Answer theirModule =
        client.send("POST", "/api/plugins/same/module", module, theirHeaders);
    Client.Answer without =
        client.send("POST", "/api/plugins/same/module", module, "Content-Type", "application/wasm");
    int unseen = client.get("/api/internal/plugins/same/module").status();
    client.post(grants, names).ok();
    Client.Answer with =
        client.send("POST", "/api/plugins/same/module", module, "Content-Type", "application/wasm");
    client.post(grants, "{\"grants\":{}}", TwoTenants.SECOND).ok();
    Outcome outcome = pool.run(own, "same/module");

    assertThat(theirModule.status()).isEqualTo(201);
    assertThat(without.text("code")).isEqualTo("plugin_import_denied");
    assertThat(unseen).isEqualTo(404);
    assertThat(with.text("digest")).isEqualTo(theirModule.text("digest"));
    assertThat(with.text("version")).isEqualTo("1");
    assertThat(outcome.data())
        .isEqualTo(Map.of("plain", "[REDACTED]", "encoded", LeakingPlugin.encoded(OWN_SECRET)));
  }
}
