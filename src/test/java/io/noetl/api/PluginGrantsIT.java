package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an operator grants, and the capabilities that the server serves under these grants. */
class PluginGrantsIT {
  private static final String GRANTS = "/api/internal/plugin-grants/acme/x";
  private static final String CALLS = "/api/internal/plugin-calls";
  private static final String PLAYBOOK =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: made, path: %s}
      workflow:
        - step: start
          tool: {kind: python, code: "result = 1"}
      """;

  private static Database database;
  private static ServerParts server;
  private static ServerParts guarded;
  private static Client client;
  private static String execution;
  private static String other;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
    server = new ServerParts(database, 1);
    guarded =
        new ServerParts(
            database,
            2,
            ServerParts.config(ApiLimits.DEFAULT),
            new OpenAccess("a-long-enough-token"));
    client = server.client();
    client
        .post(
            "/api/catalog/register",
            io.noetl.json.Json.text(Map.of("content", PLAYBOOK.formatted("test/own"))))
        .ok();
    execution = client.post("/api/execute", "{\"path\":\"test/own\"}").ok().text("execution_id");
    other = client.post("/api/execute", "{\"path\":\"test/own\"}").ok().text("execution_id");
  }

  @AfterAll
  static void stop() {
    guarded.close();
    server.close();
    database.close();
  }

  @BeforeEach
  void nothingIsDecided() {
    client.delete(GRANTS).ok();
  }

  private static Client.Answer grant(String grants) {
    return client.post(GRANTS, "{\"grants\":" + grants + "}");
  }

  private static Client.Answer call(String capability, String request) {
    return client.post(
        CALLS,
        "{\"path\":\"acme/x\",\"execution_id\":\""
            + execution
            + "\",\"capability\":\""
            + capability
            + "\",\"request\":"
            + request
            + "}");
  }

  @Test
  void aTenantHasTheUsualUntilSomebodyDecides() {
    assertThat(client.get(GRANTS).ok().map("grants")).containsOnlyKeys("host_put_event");

    grant("{\"host_read_event_log\":{}}").ok();
    assertThat(client.get(GRANTS).ok().map("grants")).containsOnlyKeys("host_read_event_log");

    grant("{}").ok();
    assertThat(client.get(GRANTS).ok().map("grants")).isEmpty();

    assertThat(client.delete(GRANTS).ok().map("grants")).containsOnlyKeys("host_put_event");
  }

  @Test
  void refusesGrantsThatMeanNothing() {
    for (String grants :
        List.of(
            "{\"host_everything\":{}}",
            "{\"host_put_event\":{\"all\":true}}",
            "{\"host_get_credential\":{}}",
            "{\"host_get_credential\":{\"names\":[]}}",
            "{\"host_system_call\":{\"names\":\"version\"}}",
            "{\"host_mutate_catalog\":{}}",
            "{\"host_mutate_catalog\":{\"prefix\":\"/\"}}",
            "{\"host_mutate_catalog\":{\"prefix\":\"a\"}}",
            "{\"host_query_pg\":{}}",
            "[]")) {
      assertThat(grant(grants).status()).as(grants).isEqualTo(422);
    }
    assertThat(client.get(GRANTS).ok().map("grants")).containsOnlyKeys("host_put_event");
  }

  @Test
  void grantsAreTheOperatorsNotTheTenants() {
    assertThat(guarded.client().get(GRANTS).status()).isEqualTo(403);
    assertThat(guarded.client().post(GRANTS, "{\"grants\":{}}").status()).isEqualTo(403);
    assertThat(guarded.client().post(CALLS, "{}").status()).isEqualTo(403);
  }

  @Test
  void registrationNamesEveryImportThatIsNotGranted() {
    byte[] module = {0, 'a', 's', 'm', 1, 0, 0, 0, 9, 9, 9, 9, 9};

    Client.Answer refused =
        client.send("POST", "/api/plugins/acme/x", module, "Content-Type", "application/wasm");
    grant(
            "{\"host_mutate_catalog\":{\"prefix\":\"made/\"},"
                + "\"host_query_pg\":{\"credential\":\"readonly\"}}")
        .ok();
    Client.Answer registered =
        client.send("POST", "/api/plugins/acme/x", module, "Content-Type", "application/wasm");

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.text("code")).isEqualTo("plugin_import_denied");
    assertThat(refused.text("error"))
        .isEqualTo(
            "plug-in acme/x imports noetl.v1.host_query_pg, noetl.v1.host_mutate_catalog, which"
                + " tenant default is not granted (granted: host_put_event)");
    assertThat(registered.status()).as(registered.text()).isEqualTo(201);
    assertThat(client.get("/api/plugins/acme/x").ok().map("granted"))
        .containsOnlyKeys("host_mutate_catalog", "host_query_pg");
  }

  @Test
  void systemPathsAndPathsThatPretendAreRefused() {
    byte[] module = {0, 'a', 's', 'm', 1, 0, 0, 0, 7};
    for (String path : List.of("system/x", "System/x", "SYSTEM/x/y")) {
      assertThat(
              client
                  .send("POST", "/api/plugins/" + path, module, "Content-Type", "application/wasm")
                  .status())
          .as(path)
          .isEqualTo(403);
    }
    for (String path : List.of("a/%2E%2E/system/x", "caf%65%CC%81/x", "%EF%BD%93ystem/x")) {
      assertThat(
              client
                  .send("POST", "/api/plugins/" + path, module, "Content-Type", "application/wasm")
                  .status())
          .as(path)
          .isNotEqualTo(201);
    }
    assertThat(
            client
                .send(
                    "POST",
                    "/api/internal/plugins/system/x",
                    module,
                    "Content-Type",
                    "application/wasm")
                .status())
        .isEqualTo(201);
  }

  @Test
  void everyCapabilityIsDeniedByDefault() {
    for (String capability :
        List.of(
            "host_read_event_log",
            "host_mutate_catalog",
            "host_system_call",
            "host_get_credential",
            "host_query_pg")) {
      assertThat(call(capability, "{}").status()).as(capability).isEqualTo(403);
    }
  }

  @Test
  void readsTheEventsOfTheOwnExecutionOnly() {
    grant("{\"host_read_event_log\":{}}").ok();

    Client.Answer all = call("host_read_event_log", "{}").ok();
    String first = all.text("reply.events.0.event_id");
    Client.Answer rest = call("host_read_event_log", "{\"after_id\":\"" + first + "\"}").ok();

    assertThat(all.text("reply.events.0.event_type")).isEqualTo("playbook_started");
    assertThat(all.at("reply.next")).isNull();
    assertThat(rest.text("reply.events.0.event_id")).isNotEqualTo(first);
    String theirs =
        client.get("/api/executions/" + other + "/events").ok().text("events.0.event_id");
    assertThat(call("host_read_event_log", "{\"execution_id\":\"" + other + "\"}").status())
        .isEqualTo(403);
    assertThat(call("host_read_event_log", "{\"execution_id\":\"1\"}").status()).isEqualTo(403);
    assertThat(call("host_read_event_log", "{\"after_id\":\"" + theirs + "\"}").status())
        .isEqualTo(404);
    assertThat(call("host_read_event_log", "{\"after_id\":\"1\"}").status()).isEqualTo(404);
  }

  @Test
  void registersPlaybooksBelowThePrefixOnly() {
    grant("{\"host_mutate_catalog\":{\"prefix\":\"made/\"}}").ok();

    assertThat(mutate("made/one", "made/one").ok().text("reply.version")).isEqualTo("1");
    assertThat(mutate("made/one", "made/one").ok().text("reply.version")).isEqualTo("2");
    assertThat(mutate("other/one", "other/one").status()).isEqualTo(403);
    assertThat(mutate("made/two", "other/two").status()).isEqualTo(403);
    assertThat(mutate("made/", "made/").status()).isEqualTo(403);
    assertThat(mutate("made/../other", "made/../other").status()).isEqualTo(403);
    assertThat(call("host_mutate_catalog", "{\"path\":\"made/x\",\"yaml\":\"kind: No\"}").status())
        .isEqualTo(422);
  }

  private static Client.Answer mutate(String path, String own) {
    return call(
        "host_mutate_catalog",
        io.noetl.json.Json.text(Map.of("path", path, "yaml", PLAYBOOK.formatted(own))));
  }

  @Test
  void callsTheGrantedSystemFunctionsOnly() {
    grant("{\"host_system_call\":{\"names\":[\"version\",\"execution.status\",\"unknown\"]}}").ok();

    assertThat(call("host_system_call", "{\"name\":\"version\"}").ok().text("reply.version"))
        .isEqualTo("1.2.3");
    assertThat(
            call("host_system_call", "{\"name\":\"execution.status\"}")
                .ok()
                .text("reply.execution_id"))
        .isEqualTo(execution);
    assertThat(call("host_system_call", "{\"name\":\"unknown\"}").status()).isEqualTo(404);
    assertThat(call("host_system_call", "{\"name\":\"Version\"}").status()).isEqualTo(403);
    assertThat(call("host_system_call", "{\"name\":\"*\"}").status()).isEqualTo(403);
  }

  @Test
  void functionsOfTheSystemAreRefusedOutsideItWhateverTheGrantSays() {
    String names = "[\"retention.purge\",\"doctor.repair\",\"doctor.stuck\",\"outbox.pending\"]";
    grant("{\"host_system_call\":{\"names\":" + names + "}}").ok();

    for (String name :
        List.of("retention.purge", "doctor.repair", "doctor.stuck", "outbox.pending")) {
      Client.Answer refused = call("host_system_call", "{\"name\":\"" + name + "\"}");
      assertThat(refused.status()).as(name).isEqualTo(403);
      assertThat(refused.text("error")).contains("for plug-ins below system/");
    }
  }

  @Test
  void aWithdrawnGrantDoesNotHoldForTheNextCall() {
    grant("{\"host_system_call\":{\"names\":[\"version\"]}}").ok();
    call("host_system_call", "{\"name\":\"version\"}").ok();

    client.delete(GRANTS).ok();

    assertThat(call("host_system_call", "{\"name\":\"version\"}").status()).isEqualTo(403);
  }

  @Test
  void anExecutionThatTheTenantDoesNotHaveIsUnknown() {
    grant("{\"host_read_event_log\":{}}").ok();

    assertThat(
            client
                .post(
                    CALLS,
                    "{\"path\":\"acme/x\",\"execution_id\":\"42\",\"capability\":"
                        + "\"host_read_event_log\",\"request\":{}}")
                .status())
        .isEqualTo(404);
  }
}
