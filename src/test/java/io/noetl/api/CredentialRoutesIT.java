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

class CredentialRoutesIT {
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

  private static Client.Answer put(String json) {
    return client.post("/api/credentials", json);
  }

  @Test
  void storesAndShowsWithoutData() {
    Client.Answer stored =
        put(
            """
            {"name":"pg_main","type":"postgres","data":{"password":"hunter-2-secret"},
             "meta":{"owner":"ops"},"tags":["prod"],"description":"The main database",
             "schema":{"type":"object"}}
            """);

    assertThat(stored.ok().body())
        .containsEntry("name", "pg_main")
        .containsEntry("type", "postgres")
        .containsEntry("meta", Map.of("owner", "ops"))
        .containsEntry("tags", List.of("prod"))
        .containsEntry("description", "The main database")
        .containsKeys("id", "created_at", "updated_at")
        .doesNotContainKey("data");
    assertThat(client.get("/api/credentials/pg_main").ok().text())
        .contains("pg_main")
        .doesNotContain("hunter-2-secret");
    assertThat(client.get("/api/credentials/" + stored.text("id")).ok().text("name"))
        .isEqualTo("pg_main");
    assertThat(client.get("/api/credentials").ok().text()).doesNotContain("hunter-2-secret");
  }

  @Test
  void givesTheDataOnlyToWhoAsksForIt() {
    put("{\"name\":\"tok\",\"type\":\"bearer\",\"data\":{\"token\":\"t-123\",\"n\":1}}").ok();

    Client.Answer answer =
        client.get(
            "/api/credentials/tok?include_data=true&execution_id=329857210375012353"
                + "&parent_execution_id=1");

    assertThat(answer.ok().body()).containsEntry("data", Map.of("token", "t-123", "n", 1L));
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    assertThat(client.get("/api/credentials/tok?include_data=false").ok().body())
        .doesNotContainKey("data");
  }

  @Test
  void replacesTheOneOfTheSameNameAndKeepsItsId() {
    String first = put("{\"name\":\"up\",\"type\":\"a\",\"data\":{\"x\":\"old\"}}").ok().text("id");
    String second =
        put("{\"name\":\"up\",\"type\":\"b\",\"data\":{\"x\":\"new\"}}").ok().text("id");

    assertThat(second).isEqualTo(first);
    assertThat(client.get("/api/credentials/up?include_data=true").ok().body())
        .containsEntry("type", "b")
        .containsEntry("data", Map.of("x", "new"));
  }

  @Test
  void listsByTypeAndText() {
    put("{\"name\":\"list-one\",\"type\":\"lt\",\"data\":{},\"description\":\"Billing API\"}").ok();
    put("{\"name\":\"list-two\",\"type\":\"lt\",\"data\":{}}").ok();

    Client.Answer all = client.get("/api/credentials?type=lt").ok();
    Client.Answer found = client.get("/api/credentials?type=lt&q=billing").ok();

    assertThat((List<?>) all.at("items")).hasSize(2);
    assertThat(all.map("filter")).isEqualTo(Map.of("type", "lt"));
    assertThat((List<?>) found.at("items")).hasSize(1);
    assertThat(found.text("items.0.name")).isEqualTo("list-one");
    assertThat(found.map("filter")).isEqualTo(Map.of("type", "lt", "q", "billing"));
  }

  @Test
  void deletesByIdOrName() {
    String id = put("{\"name\":\"gone\",\"type\":\"a\",\"data\":{}}").ok().text("id");

    assertThat(client.delete("/api/credentials/" + id).ok().body())
        .containsEntry("status", "success")
        .containsEntry("message", "deleted credential gone");
    assertThat(client.delete("/api/credentials/gone").status()).isEqualTo(404);
    assertThat(client.get("/api/credentials/gone").status()).isEqualTo(404);
    assertThat(client.get("/api/credentials/gone?include_data=true").text("error"))
        .isEqualTo("credential gone not found");
  }

  @Test
  void refusesWhatIsNoCredential() {
    for (String body :
        List.of(
            "{\"type\":\"a\",\"data\":{}}",
            "{\"name\":\"a\",\"data\":{}}",
            "{\"name\":\"a\",\"type\":\"a\"}",
            "{\"name\":\"a\",\"type\":\"a\",\"data\":\"text\"}",
            "{\"name\":\"a|b\",\"type\":\"a\",\"data\":{}}",
            "{\"name\":\"" + "x".repeat(256) + "\",\"type\":\"a\",\"data\":{}}",
            "{\"name\":\"a\",\"type\":\"" + "x".repeat(256) + "\",\"data\":{}}")) {
      assertThat(put(body).status()).as(body).isEqualTo(422);
    }
  }

  @Test
  void findsNamesThatNeedEncoding() {
    put("{\"name\":\"team/api key é\",\"type\":\"a\",\"data\":{}}").ok();

    assertThat(client.get("/api/credentials/team%2Fapi%20key%20%C3%A9").ok().text("name"))
        .isEqualTo("team/api key é");
  }

  @Test
  void saysThatAKeyIsMissingOrARowWasChanged() throws Exception {
    put("{\"name\":\"foreign\",\"type\":\"a\",\"data\":{}}").ok();
    put("{\"name\":\"broken\",\"type\":\"a\",\"data\":{}}").ok();
    Databases.execute(
        database.config(),
        "update noetl.credential set key_id = '00000000deadbeef' where name = 'foreign'");
    Databases.execute(
        database.config(),
        "update noetl.credential set sealed = wrapped_key where name = 'broken'");

    Client.Answer foreign = client.get("/api/credentials/foreign?include_data=true");
    Client.Answer broken = client.get("/api/credentials/broken?include_data=true");

    assertThat(foreign.status()).isEqualTo(503);
    assertThat(foreign.text("code")).isEqualTo("not_configured");
    assertThat(foreign.text("error")).contains("00000000deadbeef", "credentials.other-keys");
    assertThat(broken.status()).isEqualTo(500);
    assertThat(broken.text("error")).contains("Credential 'broken' cannot be decrypted");
  }
}
