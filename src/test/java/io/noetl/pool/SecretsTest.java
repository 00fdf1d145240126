package io.noetl.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.json.Json;
import io.noetl.language.Rule;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import io.noetl.testing.RecordingServer;
import io.noetl.testing.RecordingServer.Answer;
import io.noetl.testing.RecordingServer.Request;
import io.noetl.tool.Calls;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.container.ClusterSecrets;
import io.noetl.tool.http.AccessTokens;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import io.noetl.tool.sequence.CommandContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Rule({"16.3", "21.2"})
class SecretsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final String DECLARED = "/api/keychain/catalog/5/declared";

  @TempDir private Path folder;
  private final Templates templates = new Templates(TemplateLimits.DEFAULT);
  private final Map<String, String> stored = new HashMap<>();
  private String declared = "[]";
  private RecordingServer server;
  private HttpExecutor http;

  @BeforeEach
  void start() throws Exception {
    server = new RecordingServer(this::answer);
    http = new HttpExecutor(HttpSettings.DEFAULT);
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  private Answer answer(Request request) {
    if (request.path().equals(DECLARED)) {
      return new Answer(200, "{\"catalog_id\":\"5\",\"entries\":" + declared + "}");
    }
    String name = request.path().replace("/api/credentials/", "");
    String credential = stored.get(name);
    return credential == null
        ? new Answer(404, "{\"error\":\"credential " + name + " not found\"}")
        : new Answer(200, credential);
  }

  private void store(String name, String type, Map<String, ?> data) {
    stored.put(name, Json.text(Map.of("name", name, "type", type, "data", data)));
  }

  private void declare(String entries) {
    declared = entries.replace('\'', '"');
  }

  private Secrets secrets(boolean fail) {
    return new Secrets(
        new ServerClient(server.url(""), Duration.ofSeconds(5), ""),
        new AccessTokens(http, InstantSource.fixed(NOW), 10),
        new SecretProviders(
            http,
            new AccessTokens(http, InstantSource.fixed(NOW), 10),
            new ClusterSecrets(Optional.empty()),
            SecretProviders.Settings.NONE),
        templates,
        new KeychainSettings(
            fail, Map.of("SECRET_A", "from-env"), folder, Duration.ofSeconds(30), 100, PATIENCE),
        InstantSource.fixed(NOW));
  }

  private static CommandContext command(String text) {
    return CommandContext.fromMap(
        Json.parseObject(
            Json.bytes(
                Map.of(
                    "tool",
                    Map.of("kind", "http", "url", text),
                    "rendered",
                    Map.of(),
                    "input",
                    Map.of(),
                    "workload",
                    Map.of("store", "svc_store", "who", "ada"),
                    "environment",
                    Map.of("execution_id", "123456789", "catalog_id", "5")))));
  }

  /** What a template of the command comes to. */
  private @Nullable Object rendered(String template) throws InterruptedException {
    return rendered(secrets(false), template);
  }

  private @Nullable Object rendered(Secrets secrets, String template) throws InterruptedException {
    CommandSecrets own = secrets.begin(command(template), Calls.IDENTITY);
    own.prepare();
    return templates.render(template, Scope.of(own.names(), NOW));
  }

  private Credential get(String name) throws InterruptedException {
    Secrets secrets = secrets(false);
    secrets.begin(command(""), Calls.IDENTITY);
    return secrets.get(name, Calls.IDENTITY);
  }

  @Test
  void findsTheKeychainEntryFirstThenTheStoredCredential() throws Exception {
    store("svc", "basic", Map.of("password", "of-the-store"));
    store("other", "bearer", Map.of("token", "of-the-store"));
    declare("[{'name':'svc','kind':'static','data':{'password':'of-the-keychain'}}]");

    assertThat(get("svc").data()).containsEntry("password", "of-the-keychain");
    assertThat(get("other"))
        .isEqualTo(new Credential("other", "bearer", Map.of("token", "of-the-store")));
    assertThat(server.last("/api/credentials/other").query())
        .contains("include_data=true", "execution_id=123456789");
    assertThatThrownBy(() -> get("nobody"))
        .isInstanceOf(CredentialException.class)
        .hasMessage("Credential alias 'nobody' not found");
  }

  @Test
  void anEntryOfTheSameNameAsItsCredentialIsNoCircle() throws Exception {
    store("pg", "postgres", Map.of("db_password", "p"));
    declare("[{'name':'pg','kind':'credential','credential':'pg'}]");

    assertThat(get("pg").type()).isEqualTo("postgres");
    assertThat(rendered("{{ keychain.pg.db_password }}")).isEqualTo("p");
  }

  @Test
  void rendersEntriesAgainstTheWorkloadAndOtherEntries() throws Exception {
    store("svc_store", "generic", Map.of("api_key", "0123"));
    declare(
        "[{'name':'svc','credential':'{{ workload.store }}'},"
            + "{'name':'made','data':{'k':'{{ who }}-{{ keychain.svc.api_key }}'}},"
            + "{'name':'self','data':{'k':'x{{ keychain.self.k }}'}}]");

    assertThat(rendered("{{ keychain.svc.api_key }}")).isEqualTo("0123");
    assertThat(rendered("{{ keychain.made.k }}")).isEqualTo("ada-0123");
    assertThat(rendered("<{{ keychain.self.k }}>")).isEqualTo("<x>");
  }

  @Test
  void readsVariablesAndFilesThatAreOpenToEntries() throws Exception {
    Files.createDirectories(folder.resolve("team"));
    Files.writeString(folder.resolve("team").resolve("pin"), "from-file\n");
    Files.createSymbolicLink(folder.resolve("out"), Path.of("/etc/hostname"));
    declare(
        "[{'name':'env','kind':'secrets','provider':'env','map':{'a':'SECRET_A'}},"
            + "{'name':'file','kind':'secrets','provider':'file','map':{'b':'team/pin'}},"
            + "{'name':'closed','kind':'secrets','provider':'env','map':{'c':'PATH'}},"
            + "{'name':'link','kind':'secrets','provider':'file','map':{'c':'out'}},"
            + "{'name':'up','kind':'secrets','provider':'file','map':{'c':'../../etc/passwd'}},"
            + "{'name':'vault','kind':'secrets','provider':'vault','map':{'c':'x'}}]");

    assertThat(rendered("{{ keychain.env.a }} {{ keychain.file.b }}"))
        .isEqualTo("from-env from-file");
    for (String none : List.of("closed", "link", "up", "vault", "ghost")) {
      assertThat(rendered("<{{ keychain." + none + ".c }}>")).as(none).isEqualTo("<>");
    }
  }

  @Test
  void makesBearersAndFetchesTokens() throws Exception {
    store("tok", "bearer", Map.of("access_token", "t-1"));
    declare(
        "[{'name':'plain','kind':'bearer','token':'t-0'},"
            + "{'name':'of','kind':'bearer','auth':'tok'},"
            + "{'name':'idp','kind':'oauth2','endpoint':'"
            + server.url("/token")
            + "','headers':{'Content-Type':'application/x-www-form-urlencoded'},'data':{'grant_type':'client_credentials','client_secret':'{{"
            + " keychain.of.token }}'}}]");
    server.answer(
        request ->
            request.path().equals("/token")
                ? new Answer(
                    200, "{\"access_token\":\"acc-1\",\"expires_in\":600,\"extra\":\"e-1\"}")
                : answer(request));

    assertThat(rendered("{{ keychain.plain.token }} {{ keychain.of.token }}")).isEqualTo("t-0 t-1");
    Secrets secrets = secrets(false);
    assertThat(rendered(secrets, "{{ keychain.idp.access_token }} {{ keychain.idp.extra }}"))
        .isEqualTo("acc-1 e-1");
    assertThat(rendered(secrets, "{{ keychain.idp.access_token }}")).isEqualTo("acc-1");
    assertThat(server.requests("/token")).hasSize(1);
    assertThat(server.last("/token").form("client_secret")).isEqualTo("t-1");
    Credential credential = secrets.get("idp", Calls.IDENTITY);
    assertThat(credential.type()).isEqualTo("bearer");
  }

  @Test
  void keepsAValueForItsTimeAcrossCommandsAndLocalOnesForTheirExecution() throws Exception {
    declare(
        "[{'name':'kept','kind':'oauth2','endpoint':'"
            + server.url("/token")
            + "','ttl_seconds':60},{'name':'own','kind':'oauth2','scope':'local','endpoint':'"
            + server.url("/local")
            + "','ttl_seconds':60},{'name':'odd','data':{'x':1},'ttl_seconds':'soon'},"
            + "{'name':'each','kind':'oauth2','endpoint':'"
            + server.url("/each")
            + "'}]");
    server.answer(
        request ->
            request.path().startsWith("/api/")
                ? answer(request)
                : new Answer(200, "{\"access_token\":\"endless\"}"));
    Secrets secrets = secrets(false);

    for (int command = 0; command < 3; command++) {
      for (String name : List.of("kept", "own", "each")) {
        String template = "{{ keychain." + name + ".access_token }}";
        assertThat(rendered(secrets, template)).isEqualTo("endless");
      }
    }

    assertThat(server.requests("/token")).hasSize(1);
    assertThat(server.requests("/local")).hasSize(1);
    assertThat(server.requests("/each")).as("it says no end, and nobody else does").hasSize(3);
    assertThatThrownBy(() -> rendered(secrets(true), "{{ keychain.odd.x }}"))
        .hasMessageContaining("expected ttl_seconds to be a whole number up to 2592000");
  }

  @Test
  void anUnresolvedEntryIsAnErrorWhereItIsSetSo() throws Exception {
    declare(
        "[{'name':'gone','credential':'nobody'},{'name':'odd','kind':'magic'},"
            + "{'name':'idp','kind':'oauth2','endpoint':'"
            + server.url("/no-token")
            + "'}]");

    for (String none : List.of("gone", "odd", "idp", "ghost")) {
      assertThat(rendered("<{{ keychain." + none + ".x }}>")).as(none).isEqualTo("<>");
      assertThatThrownBy(() -> rendered(secrets(true), "{{ keychain." + none + ".x }}"))
          .isInstanceOf(TemplateException.class)
          .hasMessageContaining("keychain entry '" + none + "' is not resolved");
    }
    assertThatThrownBy(() -> get("gone"))
        .hasMessage(
            "Credential alias 'gone' not found (keychain entry 'gone' is not resolved: there is no"
                + " credential 'nobody')");
  }

  @Test
  void theKeychainItselfShowsNothing() throws Exception {
    declare("[{'name':'svc','data':{'k':'planted'}}]");

    assertThat(rendered("{{ keychain }}")).isEqualTo(Map.of());
    assertThat(rendered("{{ keychain | tojson }}")).isEqualTo("{}");
  }

  @Test
  void asksAgainWhileTheServerCannotAnswer() throws Exception {
    store("tok", "bearer", Map.of("token", "t-1"));
    for (int status : List.of(408, 429, 502, 503, 504)) {
      AtomicInteger asked = new AtomicInteger();
      server.answer(
          request ->
              request.path().equals("/api/credentials/tok") && asked.incrementAndGet() <= 3
                  ? new Answer(status, "{\"error\":\"busy\"}")
                  : answer(request));

      assertThat(get("tok").data()).containsEntry("token", "t-1");
      assertThat(asked).hasValue(4);
    }
  }

  @Test
  void givesUpWhenItsPatienceIsOverAndSaysWhy() throws Exception {
    server.answer(
        request ->
            request.path().equals(DECLARED)
                ? answer(request)
                : new Answer(503, "{\"error\":\"Credential 'tok' is encrypted under key 0a\"}"));

    assertThatThrownBy(() -> get("tok"))
        .isInstanceOf(CredentialException.class)
        .hasMessage(
            "Credential 'tok' cannot be had, after PT2S (keychain.patience): Credential 'tok' is"
                + " encrypted under key 0a");
    assertThat(server.requests("/api/credentials/tok")).hasSizeGreaterThan(2);
    declare("[{'name':'svc','credential':'tok'}]");
    assertThatThrownBy(() -> rendered("{{ keychain.svc.x }}"))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("keychain entry 'svc': Credential 'tok' cannot be had");
  }

  @Test
  void doesNotRepeatWhatWillNotChange() {
    server.answer(
        request ->
            request.path().equals(DECLARED)
                ? answer(request)
                : new Answer(500, "{\"error\":\"Credential 'tok' cannot be decrypted\"}"));

    assertThatThrownBy(() -> get("tok"))
        .hasMessage("Credential 'tok' cannot be had: Credential 'tok' cannot be decrypted");
    assertThat(server.requests("/api/credentials/tok")).hasSize(1);
  }

  @Test
  void aServerThatIsAwayIsAskedUntilTheLeaseIsLost() throws Exception {
    server.close();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Credential> asking = threads.submit(() -> get("tok"));

      assertThatThrownBy(() -> asking.get(PATIENCE.toMillis() + 500, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      assertThat(asking.cancel(true)).isTrue();
    }
    server = new RecordingServer(this::answer);
  }

  @Test
  void asksOnceForACredentialThatAnExecutionUsesOften() throws Exception {
    store("tok", "bearer", Map.of("token", "t-1"));
    Secrets secrets = secrets(false);
    for (int i = 0; i < 5; i++) {
      CommandSecrets own = secrets.begin(command(""), Calls.IDENTITY);
      assertThat(secrets.get("tok", Calls.IDENTITY).data()).containsEntry("token", "t-1");
      secrets.end(Calls.IDENTITY, own);
    }

    assertThat(server.requests("/api/credentials/tok")).hasSize(1);
    assertThat(server.requests(DECLARED)).hasSize(1);
    assertThatThrownBy(() -> secrets.get("tok", Calls.IDENTITY))
        .hasMessageContaining("its command does not run any more");
  }

  @Test
  void hidesInTheLogWhatTheCommandWasGiven() throws Exception {
    store("tok", "bearer", Map.of("token", "planted"));
    Secrets secrets = secrets(false);
    CommandSecrets own = secrets.begin(command(""), Calls.IDENTITY);
    StringBuilder log = new StringBuilder();

    own.lines((stream, line) -> log.append(line)).line("stdout", "before planted; ");
    secrets.get("tok", Calls.IDENTITY);
    secrets.derived("made-of-it", Calls.IDENTITY);
    own.lines((stream, line) -> log.append(line)).line("stdout", "after planted made-of-it");

    assertThat(log).hasToString("before planted; after [REDACTED] [REDACTED]");
  }
}
