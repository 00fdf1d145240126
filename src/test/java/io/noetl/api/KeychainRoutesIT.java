package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import io.noetl.testing.Databases;
import io.noetl.testing.TestPostgres;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KeychainRoutesIT {
  private static Database database;
  private static ServerParts server;
  private static Client client;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
    server = new ServerParts(database, 1);
    client = server.client();
  }

  @AfterAll
  static void stop() {
    server.close();
    database.close();
  }

  @Test
  void keepsAValueUntilItExpires() throws Exception {
    Client.Answer stored =
        client.post(
            "/api/keychain/7/tok",
            """
            {"token_data":{"access_token":"secret-token-1"},"credential_type":"oauth2",
             "cache_type":"token","expires_in":600,"auto_renew":true,
             "renew_config":{"client_secret":"secret-renew-1"}}
            """);
    assertThat(stored.ok().body())
        .containsEntry("status", "success")
        .containsEntry("keychain_name", "tok")
        .containsEntry("catalog_id", "7")
        .containsEntry("cache_key", "tok:7:global")
        .containsEntry("ttl_seconds", 600L)
        .containsEntry("auto_renew", true)
        .containsKeys("message", "expires_at");

    assertThat(client.get("/api/keychain/7/tok").ok().body())
        .containsEntry("status", "success")
        .containsEntry("token_data", Map.of("access_token", "secret-token-1"))
        .containsEntry("credential_type", "oauth2")
        .containsEntry("cache_type", "token")
        .containsEntry("scope_type", "global")
        .containsEntry("expired", false)
        .containsEntry("access_count", 1L)
        .doesNotContainKeys("data", "renew_config");
    Databases.execute(
        database.config(),
        "update noetl.keychain_entry set expires_at = now() - interval '1 second' where"
            + " name='tok'");

    assertThat(client.get("/api/keychain/7/tok").ok().body())
        .containsEntry("status", "expired")
        .containsEntry("expired", true)
        .doesNotContainKeys("data", "token_data");
  }

  @Test
  void answersThatThereIsNoneWith200() {
    assertThat(client.get("/api/keychain/7/nobody").ok().body())
        .containsEntry("status", "not_found")
        .containsEntry("cache_key", "nobody:7:global")
        .containsEntry("expired", false);
  }

  @Test
  void keepsScopesApartAndGivesLocalValuesToChildren() throws Exception {
    for (String execution : List.of("501:null", "502:501", "503:502", "600:null")) {
      String[] ids = execution.split(":");
      Databases.execute(
          database.config(),
          """
          insert into noetl.execution (execution_id, tenant_id, catalog_id, path, version, status,
              seq, parent_execution_id, started_at, updated_at)
          values (%s, 'default', 9, 'p', 1, 'RUNNING', 1, %s, now(), now())
          """
              .formatted(ids[0], ids[1]));
    }
    client
        .post(
            "/api/keychain/9/k",
            "{\"data\":{\"v\":\"local\"},\"scope_type\":\"local\",\"execution_id\":\"501\"}")
        .ok();
    client.post("/api/keychain/9/k", "{\"data\":{\"v\":\"global\"}}").ok();
    client
        .post("/api/keychain/9/k", "{\"data\":{\"v\":\"shared\"},\"scope_type\":\"shared\"}")
        .ok();

    assertThat(client.get("/api/keychain/9/k").ok().map("data")).containsEntry("v", "global");
    assertThat(client.get("/api/keychain/9/k?scope_type=shared").ok().map("data"))
        .containsEntry("v", "shared");
    assertThat(client.get("/api/keychain/9/k?scope_type=local&execution_id=503").ok().map("data"))
        .containsEntry("v", "local");
    assertThat(
            client.get("/api/keychain/9/k?scope_type=local&execution_id=600").ok().text("status"))
        .isEqualTo("not_found");

    Client.Answer list = client.get("/api/keychain/catalog/9").ok();
    assertThat(list.body()).containsEntry("count", 3L).containsEntry("catalog_id", "9");
    assertThat(list.text()).doesNotContain("\"data\"");
  }

  @Test
  void deletesAValue() {
    client.post("/api/keychain/11/k", "{\"data\":{\"v\":1}}").ok();

    assertThat(client.delete("/api/keychain/11/k").ok().body())
        .containsEntry("status", "success")
        .containsEntry("keychain_name", "k");
    assertThat(client.get("/api/keychain/11/k").ok().text("status")).isEqualTo("not_found");
  }

  @Test
  void refusesWhatIsNoValue() {
    assertThat(client.post("/api/keychain/7/a", "{}").status()).isEqualTo(422);
    assertThat(client.post("/api/keychain/7/a", "{\"data\":{},\"scope_type\":\"moon\"}").status())
        .isEqualTo(422);
    assertThat(client.post("/api/keychain/7/a", "{\"data\":{},\"scope_type\":\"local\"}").status())
        .isEqualTo(422);
    assertThat(client.post("/api/keychain/7/a", "{\"data\":{},\"expires_at\":\"soon\"}").status())
        .isEqualTo(422);
    assertThat(client.post("/api/keychain/x/a", "{\"data\":{}}").status()).isEqualTo(400);
  }

  @Test
  void showsWhatAPlaybookDeclares() {
    String catalogId =
        client
            .post(
                "/api/catalog/register",
                io.noetl.json.Json.text(
                    Map.of(
                        "content",
                        """
                        apiVersion: noetl.io/v2
                        kind: Playbook
                        metadata: {name: k, path: keychain/declared}
                        keychain:
                          - {name: svc, kind: credential, credential: "{{ workload.store }}"}
                        workflow:
                          - {step: start, tool: {kind: noop}}
                        """)))
            .ok()
            .text("catalog_id");

    assertThat(client.get("/api/keychain/catalog/" + catalogId + "/declared").ok().at("entries"))
        .isEqualTo(
            List.of(
                Map.of("name", "svc", "kind", "credential", "credential", "{{ workload.store }}")));
    assertThat(client.get("/api/keychain/catalog/1/declared").status()).isEqualTo(404);
  }
}
