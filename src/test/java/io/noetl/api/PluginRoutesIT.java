package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PluginRoutesIT {
  private static final byte[] ONE = {0, 'a', 's', 'm', 1, 0, 0, 0, 1};
  private static final byte[] TWO = {0, 'a', 's', 'm', 1, 0, 0, 0, '\r', '\n', 2};
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

  private static Client.Answer post(String path, byte[] module) {
    return client.send("POST", path, module, "Content-Type", "application/wasm");
  }

  @Test
  void storesAModuleOncePerDigest() {
    Client.Answer first = post("/api/plugins/text/upper", ONE);
    Client.Answer again = post("/api/plugins/text/upper", ONE);
    Client.Answer other = post("/api/plugins/text/upper", TWO);

    assertThat(first.status()).isEqualTo(201);
    assertThat(first.body())
        .containsEntry("path", "text/upper")
        .containsEntry("version", 1L)
        .containsEntry("size", 9L)
        .containsEntry("abi", "noetl.v1")
        .containsEntry("grants_missing", List.of("host_log"));
    assertThat(again.body()).containsEntry("version", 1L);
    assertThat(other.body()).containsEntry("version", 2L);
    assertThat(client.get("/api/plugins/text/upper").ok().body())
        .containsEntry("version", 2L)
        .containsEntry("state", "active")
        .containsEntry("digest", other.text("digest"));
    assertThat(client.get("/api/plugins/text/upper?version=1").text("digest"))
        .isEqualTo(first.text("digest"));
    assertThat(client.get("/api/plugins").text("plugins.0.path")).isEqualTo("text/upper");
  }

  @Test
  void givesTheBytesToThePool() {
    String digest = post("/api/plugins/text/bytes", TWO).text("digest");
    String path = "/api/internal/plugins/text/bytes?version=1";

    Client.Answer bytes = client.get(path + "&digest=" + digest).ok();

    assertThat(bytes.bytes()).isEqualTo(TWO);
    assertThat(bytes.header("ETag")).isEqualTo("\"" + digest + "\"");
    assertThat(bytes.header("Content-Type")).isEqualTo("application/wasm");
    assertThat(client.get(path + "&digest=other").status()).isEqualTo(409);
  }

  @Test
  void takesAFormOfModuleAndManifest() {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    form.writeBytes(
        ("--B\r\nContent-Disposition: form-data; name=\"manifest\"\r\n\r\n"
                + "{\"grants\":[\"host_log\"]}\r\n"
                + "--B\r\nContent-Disposition: form-data; name=\"module\"; filename=\"m.wasm\"\r\n"
                + "Content-Type: application/wasm\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    form.writeBytes(TWO);
    form.writeBytes("\r\n--B--\r\n".getBytes(StandardCharsets.US_ASCII));

    Client.Answer answer =
        client.send(
            "POST",
            "/api/plugins/text/form",
            form.toByteArray(),
            "Content-Type",
            "multipart/form-data; boundary=B");

    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    assertThat(answer.body()).containsEntry("size", 11L).containsEntry("grants_missing", List.of());
    assertThat(client.get("/api/plugins/text/form").at("grants")).isEqualTo(List.of("host_log"));
    assertThat(client.get("/api/internal/plugins/text/form").ok().bytes()).isEqualTo(TWO);
  }

  @Test
  void refusesWhatIsNoModuleWithEveryFault() {
    Client.Answer answer = post("/api/plugins/text/bad", new byte[] {1, 2, 3});

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.text("errors.0.message")).contains("magic number");
    assertThat(client.get("/api/plugins/text/bad").status()).isEqualTo(404);
    assertThat(post("/api/plugins/check", ONE).ok().body()).containsEntry("size", 9L);
    assertThat(client.post("/api/plugins/text/bad", "{}", "Content-Type", "text/plain").body())
        .containsEntry("code", "unsupported_media_type");
  }

  @Test
  void archivesAPlugin() {
    post("/api/plugins/text/old", ONE);

    assertThat(client.delete("/api/plugins/text/old").ok().body()).containsEntry("count", 1L);
    assertThat(client.get("/api/plugins/text/old").status()).isEqualTo(404);
    assertThat(client.delete("/api/plugins/no/such").status()).isEqualTo(404);
  }
}
