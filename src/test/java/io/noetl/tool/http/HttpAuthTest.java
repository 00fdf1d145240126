package io.noetl.tool.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.testing.RecordingServer;
import io.noetl.testing.RecordingServer.Answer;
import io.noetl.testing.RecordingServer.Request;
import io.noetl.tool.Calls;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpAuthTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private final Map<String, Credential> known = new HashMap<>();
  private final List<String> derived = new CopyOnWriteArrayList<>();
  private RecordingServer server;
  private HttpExecutor tokenHttp;
  private HttpExecutor executor;

  /** Knows what a test says, and writes down what is made of it. */
  private final class Named implements Credentials {
    @Override
    public Credential get(String name, Identity identity) {
      Credential credential = known.get(name);
      if (credential == null) {
        throw CredentialException.notFound(name);
      }
      return credential;
    }

    @Override
    public void derived(String secret, Identity identity) {
      assertThat(identity).isEqualTo(Calls.IDENTITY);
      derived.add(secret);
    }
  }

  @BeforeEach
  void start() throws Exception {
    server = new RecordingServer(Request::echo);
    tokenHttp = new HttpExecutor(HttpSettings.DEFAULT);
    executor =
        new HttpExecutor(
            HttpSettings.DEFAULT, new Named(), new AccessTokens(tokenHttp, now::get, 10));
  }

  @AfterEach
  void stop() {
    executor.close();
    tokenHttp.close();
    server.close();
  }

  private void know(String name, String type, Map<String, ? extends @Nullable Object> data) {
    known.put(name, new Credential(name, type, new HashMap<>(data)));
  }

  private Outcome run(Object auth) throws InterruptedException {
    return executor.run(
        Calls.of(ToolKind.HTTP, Map.of("url", server.url("/call?a=1"), "auth", auth)));
  }

  private Request sent(Object auth) throws InterruptedException {
    Outcome outcome = run(auth);
    assertThat(outcome.succeeded()).as("%s", outcome.error()).isTrue();
    return server.last("/call");
  }

  private String refused(Object auth) throws InterruptedException {
    int before = server.requests("/call").size();
    Outcome outcome = run(auth);
    assertThat(outcome.hard()).isTrue();
    assertThat(server.requests("/call")).hasSize(before);
    return outcome.error().get("kind") + ": " + outcome.error().get("message");
  }

  @Test
  void sendsATokenWhateverItsCredentialCallsIt() throws Exception {
    for (String type : List.of("bearer", "bearer_token", "token", "Bearer")) {
      for (String member : List.of("token", "access_token", "bearer_token", "api_key")) {
        know("c", type, Map.of(member, "t1"));
        assertThat(sent("c").header("authorization"))
            .as(type + " " + member)
            .isEqualTo("Bearer t1");
      }
    }
  }

  @Test
  void sendsUserAndPassword() throws Exception {
    know("c", "basic", Map.of("user", "ada", "password", "p:w"));

    assertThat(sent("c").header("authorization"))
        .isEqualTo(
            "Basic "
                + Base64.getEncoder().encodeToString("ada:p:w".getBytes(StandardCharsets.UTF_8)));
    assertThat(derived)
        .contains(Base64.getEncoder().encodeToString("ada:p:w".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void sendsAnApiKeyAsHeaderOrParameter() throws Exception {
    know("plain", "api_key", Map.of("api_key", "k1"));
    know("named", "api_key", Map.of("value", "k2", "header", "X-Mine"));
    know("query", "api_key", Map.of("key", "k 3", "in", "query", "param", "apikey"));

    assertThat(sent("plain").header("x-api-key")).isEqualTo("k1");
    assertThat(sent("named").header("x-mine")).isEqualTo("k2");
    assertThat(sent("query").query()).isEqualTo("a=1&apikey=k%203");
  }

  @Test
  void takesOtherTypesForWhatTheirMembersSay() throws Exception {
    know("a", "generic", Map.of("token", "t1", "api_key", "k"));
    know("b", "custom", Map.of("api_key", "k1"));
    know("c", "whatever", Map.of("username", "u", "password", "p"));
    know("d", "snowflake", Map.of("account", "x"));

    assertThat(sent("a").header("authorization")).isEqualTo("Bearer t1");
    assertThat(sent("b").header("x-api-key")).isEqualTo("k1");
    assertThat(sent("c").header("authorization")).startsWith("Basic ");
    assertThat(refused("d"))
        .isEqualTo("credential: Credential 'd' has unsupported type 'snowflake'");
  }

  @Test
  void takesEveryFormThatNamesACredential() throws Exception {
    know("c", "bearer", Map.of("token", "t1"));
    for (Object auth :
        List.of(
            "c",
            Map.of("source", "credential", "name", "c"),
            Map.of("source", "keychain", "key", "c"),
            Map.of("db", Map.of("source", "credential", "key", "c")),
            Map.of("db", "c"),
            Map.of("type", "bearer", "credential", "c"),
            Map.of("type", "bearer", "source", "credential", "name", "c"))) {
      assertThat(sent(auth).header("authorization")).as("%s", auth).isEqualTo("Bearer t1");
    }
    for (Object none : List.of("", Map.of("type", "none"), Map.of())) {
      assertThat(sent(none).header("authorization")).isNull();
    }
  }

  @Test
  void lettsTheFieldsOfTheToolWinOverThoseOfTheCredential() throws Exception {
    know("c", "api_key", Map.of("api_key", "k1", "header", "X-Stored"));

    assertThat(
            sent(Map.of("type", "api_key", "credential", "c", "header", "X-Mine")).header("x-mine"))
        .isEqualTo("k1");
    Outcome outcome =
        executor.run(
            Calls.of(
                ToolKind.HTTP,
                Map.of(
                    "url",
                    server.url("/call"),
                    "auth",
                    Map.of("type", "bearer", "token", "t1"),
                    "headers",
                    Map.of("authorization", "Mine"))));
    assertThat(outcome.succeeded()).isTrue();
    assertThat(server.last("/call").header("authorization")).isEqualTo("Mine");
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    know("empty", "bearer", Map.of());

    assertThat(refused("nobody")).isEqualTo("credential: Credential alias 'nobody' not found");
    assertThat(refused("empty"))
        .isEqualTo("credential: Credential 'empty' of type 'bearer' lacks 'token'");
    assertThat(refused(Map.of("type", "bearer")))
        .isEqualTo("configuration: Invalid http config: missing field 'auth.token'");
    assertThat(refused(Map.of("type", "digest", "user", "u")))
        .startsWith("credential: Authentication of type 'digest' is not available");
    assertThat(refused(Map.of("source", "adc")))
        .startsWith("credential: Ambient cloud identity (gcp_adc) is not available");
    assertThat(refused(17L)).startsWith("configuration: Expected auth to be the name");
  }

  @Test
  void doesNotSendASecretHeaderOnToAnotherHost() throws Exception {
    know("c", "api_key", Map.of("api_key", "k1", "header", "X-Mine"));
    try (RecordingServer other = new RecordingServer(Request::echo);
        RedirectingServer first = new RedirectingServer(other.url("/there"))) {
      executor.run(Calls.of(ToolKind.HTTP, Map.of("url", first.url(), "auth", "c")));

      assertThat(first.seen("X-mine")).isEqualTo("k1");
      assertThat(other.last("/there").headers()).doesNotContainKey("x-mine");
    }
  }

  private void oauth() {
    know(
        "c",
        "oauth2_client_credentials",
        Map.of(
            "token_url",
            server.url("/token"),
            "client_id",
            "id",
            "client_secret",
            "se/cret",
            "scope",
            "read write",
            "audience",
            "aud"));
    List<String> tokens = new CopyOnWriteArrayList<>(List.of("tok-1", "tok-2", "tok-3"));
    server.answer(
        request ->
            request.path().equals("/token")
                ? new Answer(
                    200,
                    "{\"access_token\":\""
                        + tokens.removeFirst()
                        + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}")
                : request.echo());
  }

  @Test
  void fetchesATokenAndKeepsItUntilAMinuteBeforeItExpires() throws Exception {
    oauth();

    assertThat(sent("c").header("authorization")).isEqualTo("Bearer tok-1");
    Request asked = server.last("/token");
    assertThat(asked.form("grant_type")).isEqualTo("client_credentials");
    assertThat(asked.form("client_id")).isEqualTo("id");
    assertThat(asked.form("client_secret")).isEqualTo("se/cret");
    assertThat(asked.form("scope")).isEqualTo("read write");
    assertThat(asked.form("audience")).isEqualTo("aud");
    now.set(NOW.plusSeconds(3539));
    assertThat(sent("c").header("authorization")).isEqualTo("Bearer tok-1");
    now.set(NOW.plusSeconds(3540));
    assertThat(sent("c").header("authorization")).isEqualTo("Bearer tok-2");
    assertThat(server.requests("/token")).hasSize(2);
    assertThat(derived).contains("tok-1", "tok-2");
  }

  @Test
  void fetchesATokenOnceForManyCallsAtATime() throws Exception {
    oauth();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Outcome>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        calls.add(threads.submit(() -> run("c")));
      }
      for (Future<Outcome> call : calls) {
        assertThat(call.get().succeeded()).isTrue();
      }
    }
    assertThat(server.requests("/token")).hasSize(1);
  }

  @Test
  void namesTheCredentialWhoseTokenCannotBeFetched() throws Exception {
    oauth();
    server.answer(_ -> new Answer(401, "{\"error\":\"invalid_client\"}"));

    assertThat(refused("c"))
        .isEqualTo(
            "credential: Credential 'c': the token could not be fetched: HTTP 401 response"
                + " (invalid_client)");
    server.answer(_ -> new Answer(200, "{\"other\":1}"));
    assertThat(refused("c"))
        .isEqualTo(
            "credential: Credential 'c': the answer of the token endpoint has no access_token");
    know("d", "oauth2", Map.of("client_id", "x"));
    assertThat(refused("d"))
        .isEqualTo("credential: Credential 'd' of type 'oauth2' lacks 'token_url'");
  }

  @Test
  void signsForAServiceAccountAndSendsWhatItGetsForIt() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    Map<String, Object> account =
        Map.of(
            "type",
            "service_account",
            "client_email",
            "robot@example.org",
            "private_key",
            pem,
            "private_key_id",
            "kid-1",
            "token_uri",
            server.url("/token"));
    know("access", "gcp", Map.of("service_account_json", Json.text(account)));
    Map<String, Object> forAudience = new HashMap<>(account);
    forAudience.put("target_audience", "https://svc.example.org");
    know("identity", "google_id_token", forAudience);
    server.answer(
        request ->
            request.path().equals("/token")
                ? new Answer(
                    200, "{\"access_token\":\"acc-1\",\"id_token\":\"idt-1\",\"expires_in\":3600}")
                : request.echo());

    assertThat(sent("access").header("authorization")).isEqualTo("Bearer acc-1");
    String[] parts = server.last("/token").form("assertion").split("\\.");
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initVerify(pair.getPublic());
    signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
    assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
    assertThat(Json.parse(Base64.getUrlDecoder().decode(parts[0])))
        .isEqualTo(Map.of("alg", "RS256", "typ", "JWT", "kid", "kid-1"));
    assertThat(Json.parseObject(Base64.getUrlDecoder().decode(parts[1])))
        .containsEntry("iss", "robot@example.org")
        .containsEntry("aud", server.url("/token"))
        .containsEntry("scope", "https://www.googleapis.com/auth/cloud-platform")
        .containsEntry("exp", NOW.getEpochSecond() + 3600);

    assertThat(sent("identity").header("authorization")).isEqualTo("Bearer idt-1");
    assertThat(sent("identity").header("authorization")).isEqualTo("Bearer idt-1");
    assertThat(server.requests("/token")).hasSize(2);
    know("broken", "gcp", Map.of("client_email", "a", "private_key", "nonsense"));
    assertThat(refused("broken")).contains("'broken' has a private_key that is no RSA key");
  }
}
