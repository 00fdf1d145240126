package io.noetl.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.json.Json;
import io.noetl.language.Rule;
import io.noetl.pool.KeychainEntries.Unresolved;
import io.noetl.testing.RecordingServer;
import io.noetl.testing.RecordingServer.Answer;
import io.noetl.testing.RecordingServer.Request;
import io.noetl.tool.Calls;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.container.ClusterSecrets;
import io.noetl.tool.http.AccessTokens;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Entries of kind secrets whose provider is asked over HTTP. */
@Rule("16.3")
class SecretProvidersTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"));

  private final Map<String, Answer> answers = new HashMap<>();
  private final Map<String, Credential> credentials = new HashMap<>();
  private RecordingServer server;
  private HttpExecutor http;

  @BeforeEach
  void start() throws Exception {
    server =
        new RecordingServer(
            request ->
                answers.getOrDefault(request.path(), new Answer(404, "{\"errors\":[\"none\"]}")));
    http = new HttpExecutor(HttpSettings.DEFAULT);
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  private void vaultHas(String path, String members) {
    answers.put(
        path,
        new Answer(200, "{\"data\":{\"data\":" + members + ",\"metadata\":{\"version\":3}}}"));
  }

  private SecretProviders.Settings own(String url) {
    return new SecretProviders.Settings(
        url, "own-token", List.of("kv/shop/*", "kv/one"), List.of(), "default");
  }

  private Map<String, @Nullable Object> resolved(
      SecretProviders.Settings settings, Map<String, ?> entry)
      throws Unresolved, InterruptedException {
    AccessTokens tokens = new AccessTokens(http, CLOCK, 10);
    KeychainEntries entries =
        new KeychainEntries(
            tokens,
            new SecretProviders(http, tokens, new ClusterSecrets(Optional.empty()), settings),
            new KeychainSettings(false, Map.of(), null, Duration.ofSeconds(30), 10, Duration.ZERO));
    Map<String, @Nullable Object> all = new LinkedHashMap<>(entry);
    all.put("kind", "secrets");
    return entries.resolve("e", all, Calls.IDENTITY, credentials::get).credential().data();
  }

  @Test
  void readsMembersOfVaultWithACredential() throws Exception {
    vaultHas("/v1/kv/data/shop/db", "{\"user\":\"app\",\"password\":\"planted\"}");
    vaultHas("/v1/kv/data/shop/pin", "{\"value\":\"1234\"}");
    credentials.put(
        "v",
        new Credential(
            "v",
            "vault",
            Map.of("token", "of-the-credential", "url", server.url("/"), "namespace", "team")));

    assertThat(
            resolved(
                SecretProviders.Settings.NONE,
                Map.of(
                    "provider",
                    "vault",
                    "auth",
                    "v",
                    "map",
                    Map.of(
                        "p", "kv/shop/db#password", "user", "kv/shop/db", "pin", "kv/shop/pin"))))
        .isEqualTo(Map.of("p", "planted", "user", "app", "pin", "1234"));
    Request asked = server.last("/v1/kv/data/shop/db");
    assertThat(asked.header("x-vault-token")).isEqualTo("of-the-credential");
    assertThat(asked.header("x-vault-namespace")).isEqualTo("team");
    assertThat(server.requests("/v1/kv/data/shop/db")).as("one document for two fields").hasSize(1);
  }

  @Test
  void readsAVersionBelowAMountOfSeveralSegments() throws Exception {
    vaultHas("/v1/team/kv/data/db", "{\"password\":\"old\"}");

    assertThat(
            resolved(
                new SecretProviders.Settings(
                    server.url(""), "own-token", List.of("*"), List.of(), "default"),
                Map.of(
                    "provider",
                    "vault",
                    "mount",
                    "team/kv",
                    "version",
                    2,
                    "map",
                    Map.of("p", "db"))))
        .isEqualTo(Map.of("p", "old"));
    assertThat(server.last("/v1/team/kv/data/db").query()).isEqualTo("version=2");
  }

  @Test
  void theWorkersOwnTokenOpensOnlyWhatIsSet() throws Exception {
    vaultHas("/v1/kv/data/shop/db", "{\"password\":\"planted\"}");
    vaultHas("/v1/kv/data/other", "{\"password\":\"not for playbooks\"}");

    assertThat(
            resolved(
                own(server.url("")), Map.of("provider", "vault", "map", Map.of("p", "kv/shop/db"))))
        .isEqualTo(Map.of("p", "planted"));
    for (String place : List.of("kv/other", "kv/shop/../other", "kv/one/more")) {
      assertThatThrownBy(
              () ->
                  resolved(
                      own(server.url("")), Map.of("provider", "vault", "map", Map.of("p", place))))
          .isInstanceOf(Unresolved.class)
          .hasMessageContaining("keychain.vault-paths");
    }
    assertThat(server.requests("/v1/kv/data/other")).isEmpty();
  }

  @Test
  void saysWhatVaultLacks() {
    credentials.put("bare", new Credential("bare", "vault", Map.of("url", "http://127.0.0.1:1")));
    vaultHas("/v1/kv/data/one", "{\"a\":1,\"b\":2}");
    answers.put("/v1/kv/data/shop/odd", new Answer(200, "{\"data\":{\"a\":\"version 1\"}}"));
    answers.put("/v1/kv/data/shop/no", new Answer(403, "{\"errors\":[\"permission denied\"]}"));

    assertThat(reason(own(""), "kv/one")).contains("keychain.vault-url");
    assertThat(reason(SecretProviders.Settings.NONE, "kv/one")).contains("keychain.vault-url");
    assertThat(
            reason(
                new SecretProviders.Settings(server.url(""), "", List.of(), List.of(), ""),
                "kv/one"))
        .contains("names no credential", "keychain.vault-token");
    assertThat(reason(own(server.url("")), "kv/one")).contains("no member 'p'", "path#member");
    assertThat(reason(own(server.url("")), "kv/one#c")).contains("no member 'c'");
    assertThat(reason(own(server.url("")), "kv/shop/odd")).contains("version 2");
    assertThat(reason(own(server.url("")), "kv/shop/no")).contains("'kv/shop/no'", "403");
    assertThat(reason(own(server.url("")), "kv/shop/none")).contains("404");
    assertThatThrownBy(
            () ->
                resolved(
                    own(server.url("")),
                    Map.of("provider", "vault", "auth", "bare", "map", Map.of("p", "kv/one"))))
        .hasMessage("credential 'bare' has no token for vault");
  }

  private String reason(SecretProviders.Settings settings, String place) {
    try {
      resolved(settings, Map.of("provider", "vault", "map", Map.of("p", place)));
    } catch (Unresolved e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("resolved " + place);
  }

  @Test
  void readsTheSecretManagerOfGoogle() throws Exception {
    answers.put(
        "/v1/projects/shop/secrets/db/versions/latest:access",
        payload("{\"password\":\"planted\"}"));
    answers.put("/v1/projects/shop/secrets/pin/versions/7:access", payload("1234"));
    credentials.put(
        "robot", new Credential("robot", "gcp", Map.of("token", "ready", "project_id", "shop")));

    assertThat(
            resolved(
                SecretProviders.Settings.NONE,
                Map.of(
                    "provider",
                    "gcp",
                    "auth",
                    "robot",
                    "endpoint",
                    server.url("/"),
                    "map",
                    Map.of("p", "db#password", "pin", "projects/shop/secrets/pin/versions/7"))))
        .isEqualTo(Map.of("p", "planted", "pin", "1234"));
    assertThat(
            server
                .last("/v1/projects/shop/secrets/db/versions/latest:access")
                .header("authorization"))
        .isEqualTo("Bearer ready");
    assertThatThrownBy(
            () ->
                resolved(
                    SecretProviders.Settings.NONE,
                    Map.of("provider", "gcp", "map", Map.of("p", "projects/a/secrets/b"))))
        .hasMessageContaining("names no credential (auth) of a service account");
  }

  private static Answer payload(String text) {
    return new Answer(
        200,
        Json.text(
            Map.of(
                "payload",
                Map.of("data", Base64.getEncoder().encodeToString(text.getBytes(UTF_8))))));
  }

  @Test
  void othersAreNamedAsNotAvailable() {
    for (String provider : List.of("aws", "azure", "magic")) {
      assertThatThrownBy(
              () ->
                  resolved(
                      SecretProviders.Settings.NONE,
                      Map.of("provider", provider, "map", Map.of("p", "x"))))
          .isInstanceOf(Unresolved.class)
          .hasMessage(
              "its provider '"
                  + provider
                  + "' is not available; there are env, file, vault, gcp and k8s");
    }
    assertThatThrownBy(
            () ->
                resolved(
                    SecretProviders.Settings.NONE,
                    Map.of("provider", "k8s", "map", Map.of("p", "x#y"))))
        .hasMessage("'default/x' is not among keychain.cluster-secrets");
  }
}
