package io.noetl.tool.http;

import static io.noetl.tool.Calls.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.noetl.json.Json;
import io.noetl.language.Rule;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.Calls;
import io.noetl.tool.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Section 9.1 of the language against a real server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Rule("9.1")
class HttpExecutorTest {
  private TestServer server;
  private HttpExecutor executor;

  @BeforeAll
  void start() throws Exception {
    server = new TestServer();
    executor = new HttpExecutor(HttpSettings.DEFAULT);
  }

  @AfterAll
  void stop() {
    executor.close();
    server.close();
  }

  private Outcome run(String path, String fields) throws InterruptedException {
    Map<String, Object> all = new HashMap<>();
    all.put("url", server.url(path));
    ((Map<?, ?>) json(fields)).forEach((key, value) -> all.put((String) key, value));
    return executor.run(Calls.of(ToolKind.HTTP, all));
  }

  private Map<?, ?> echo(String fields) throws InterruptedException {
    return echo("/echo", fields);
  }

  private Map<?, ?> echo(String path, String fields) throws InterruptedException {
    Outcome outcome = run(path, fields);
    assertThat(outcome.error()).isNull();
    return (Map<?, ?>) ((Map<?, ?>) outcome.data()).get("data");
  }

  private static String header(Map<?, ?> echo, String name) {
    return (String) ((Map<?, ?>) echo.get("headers")).get(name);
  }

  @Test
  void goodAnswerIsData() throws Exception {
    Outcome outcome = run("/ok", "{}");
    Map<?, ?> data = (Map<?, ?>) outcome.data();
    assertThat(outcome.succeeded()).isTrue();
    assertThat(data.keySet().stream().map(String::valueOf))
        .containsExactly("status_code", "headers", "data", "body", "url", "elapsed_ms");
    assertThat(data.get("status_code")).isEqualTo(200L);
    assertThat(data.get("data")).isEqualTo(json("{'id': 7, 'items': [1, 2, 3]}"));
    assertThat(data.get("body")).isEqualTo(data.get("data"));
    assertThat(data.get("url")).isEqualTo(server.url("/ok"));
    assertThat(((Map<?, ?>) data.get("headers")).get("content-type")).isEqualTo("application/json");
    assertThat(outcome.http()).containsEntry("status", 200L);
  }

  @Test
  void otherStatusesAreSoftErrorsThatCarryTheAnswer() throws Exception {
    Outcome outcome = run("/missing", "{}");
    assertThat(outcome.hard()).isFalse();
    assertThat(outcome.status()).isEqualTo(Status.ERROR);
    assertThat(((Map<?, ?>) outcome.data()).get("data")).isEqualTo(json("{'detail': 'no'}"));
    assertThat(outcome.error())
        .isEqualTo(
            json(
                "{'kind': 'not_found', 'retryable': false, 'code': 'HTTP_404', 'message':"
                    + " 'HTTP 404 response', 'status': 404, 'status_code': 404}"));
  }

  @Test
  @Rule("14.2")
  void statusesHaveTheirKinds() throws Exception {
    Map<Integer, String> expected =
        Map.of(
            429,
            "rate_limit true",
            401,
            "auth false",
            403,
            "auth false",
            400,
            "client_error false",
            408,
            "client_error true",
            500,
            "server_error true",
            304,
            "client_error false");
    for (Map.Entry<Integer, String> entry : expected.entrySet()) {
      Map<String, ?> error = run("/status/" + entry.getKey(), "{}").error();
      assertThat(error.get("kind") + " " + error.get("retryable"))
          .as(entry.getKey().toString())
          .isEqualTo(entry.getValue());
      assertThat(error.get("code")).isEqualTo("HTTP_" + entry.getKey());
    }
    assertThat(run("/status/429", "{}").http().get("headers").toString()).contains("retry-after=7");
  }

  @Test
  void parametersAreAppended() throws Exception {
    assertThat(
            echo(
                    "/echo?x=1",
                    "{'params': {'a': [1, 'b c'], 'n': null, 'f': 1.0, 't': true, 'm': {'k': 1}}}")
                .get("query"))
        .isEqualTo("x=1&a=1&a=b%20c&f=1.0&t=True&m=%7B%22k%22%3A1%7D");
    assertThat(echo("{'data': {'q': 'ž&'}}").get("query")).isEqualTo("q=%C5%BE%26");
    assertThat(echo("/echo?q=a b|ž%zz", "{}").get("query")).isEqualTo("q=a%20b%7C%C5%BE%25zz");
  }

  @Test
  void bodiesTakeTheirForms() throws Exception {
    Map<?, ?> json = echo("{'method': 'post', 'json': {'a': 1}, 'body': 'no'}");
    assertThat(json.get("body")).isEqualTo("{\"a\":1}");
    assertThat(header(json, "content-type")).isEqualTo("application/json");
    Map<?, ?> form = echo("{'method': 'POST', 'form': {'a': [1, 2], 'b': 'x y'}}");
    assertThat(form.get("body")).isEqualTo("a=1&a=2&b=x%20y");
    assertThat(header(form, "content-type")).isEqualTo("application/x-www-form-urlencoded");
    assertThat(echo("{'method': 'PUT', 'body': 'raw'}").get("body")).isEqualTo("raw");
    assertThat(echo("{'method': 'PATCH', 'body': [1]}").get("body")).isEqualTo("[1]");
    assertThat(echo("{'method': 'DELETE', 'payload': {'a': 1}}").get("body"))
        .isEqualTo("{\"a\":1}");
    assertThat(
            echo("{'method': 'POST', 'data': {'a': 1}, 'headers': {'Content-Type':"
                    + " 'application/x-www-form-urlencoded'}}")
                .get("body"))
        .isEqualTo("a=1");
    assertThat(echo("{'method': 'GET', 'body': 'x'}").get("body")).isEqualTo("x");
    assertThat(echo("{}").get("body")).isEqualTo("");
  }

  @Test
  void headersBecomeText() throws Exception {
    Map<?, ?> echo =
        echo(
            "{'headers': {'X-N': 5, 'X-B': true, 'X-J': {'a': 1}, 'X-Null': null,"
                + " 'Content-Length': '999', 'Host': 'other.example'}}");
    assertThat(header(echo, "x-n")).isEqualTo("5");
    assertThat(header(echo, "x-b")).isEqualTo("True");
    assertThat(header(echo, "x-j")).isEqualTo("{\"a\":1}");
    assertThat(header(echo, "x-null")).isNull();
    assertThat(header(echo, "host")).isEqualTo("other.example");
    Outcome bad = run("/echo", "{'headers': {'X-N': 'a\\nb'}}");
    assertThat(bad.hard()).isTrue();
    assertThat(String.valueOf(bad.error().get("message"))).contains("'X-N'").doesNotContain("a\n");
  }

  @Test
  @Rule("16.2")
  void directAuthenticationIsSent() throws Exception {
    assertThat(header(echo("{'auth': {'type': 'bearer', 'token': 't1'}}"), "authorization"))
        .isEqualTo("Bearer t1");
    assertThat(
            header(
                echo("{'auth': {'type': 'basic', 'username': 'u', 'password': 'p'}}"),
                "authorization"))
        .isEqualTo("Basic dTpw");
    assertThat(header(echo("{'auth': {'type': 'api_key', 'key': 'k'}}"), "x-api-key"))
        .isEqualTo("k");
    assertThat(
            header(
                echo("{'auth': {'type': 'api_key', 'header': 'X-Other', 'token': 'k'}}"),
                "x-other"))
        .isEqualTo("k");
    assertThat(
            echo("{'auth': {'type': 'api_key', 'in': 'query', 'param': 'key', 'value': 'k'}}")
                .get("query"))
        .isEqualTo("key=k");
    assertThat(
            header(
                echo(
                    "{'auth': {'type': 'bearer', 'token': 't1'},"
                        + " 'headers': {'authorization': 'Mine'}}"),
                "authorization"))
        .isEqualTo("Mine");
    assertThat(header(echo("{'auth': {'type': 'none'}}"), "authorization")).isNull();
    Outcome alias = run("/echo", "{'auth': 'nobody'}");
    assertThat(alias.hard()).isTrue();
    assertThat(alias.error())
        .containsEntry("kind", "credential")
        .containsEntry("message", "Credential alias 'nobody' not found");
  }

  @Test
  void redirectsAreFollowedAsBrowsersDo() throws Exception {
    String post = "{'method': 'POST', 'json': {'a': 1}, 'auth': {'type': 'bearer', 'token': 't'}}";
    Map<?, ?> found = echo("/redirect/302", post);
    assertThat(found.get("method")).isEqualTo("GET");
    assertThat(found.get("body")).isEqualTo("");
    assertThat(header(found, "authorization")).isEqualTo("Bearer t");
    Map<?, ?> kept = echo("/redirect/307", post);
    assertThat(kept.get("method")).isEqualTo("POST");
    assertThat(kept.get("body")).isEqualTo("{\"a\":1}");
    Outcome none = run("/redirect/302", "{'follow_redirects': false}");
    assertThat(none.error()).containsEntry("code", "HTTP_302");
    assertThat(run("/loop", "{}").error()).containsEntry("code", "TOO_MANY_REDIRECTS");
  }

  @Test
  void responseTypesMakeTheirData() throws Exception {
    assertThat(body(run("/text", "{}"))).isEqualTo("not json {");
    assertThat(body(run("/ok", "{'response_type': 'text'}")))
        .isEqualTo("{\"id\": 7, \"items\": [1, 2, 3]}");
    assertThat(body(run("/text", "{'response_type': 'binary'}")))
        .isEqualTo(json("{'base64': 'bm90IGpzb24gew==', 'size': 10}"));
    assertThat(body(run("/empty", "{}"))).isEqualTo("");
    assertThat(body(run("/gzip", "{}"))).isEqualTo(json("{'zipped': true}"));
    assertThat(body(run("/latin", "{}"))).isEqualTo("ž");
    assertThat(body(run("/ok", "{'method': 'HEAD'}"))).isEqualTo("");
  }

  private static Object body(Outcome outcome) {
    return ((Map<?, ?>) outcome.data()).get("body");
  }

  @Test
  @Rule({"14.1", "14.2"})
  void noConnectionIsHard() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    Outcome refused =
        executor.run(Calls.of(ToolKind.HTTP, Map.of("url", "http://127.0.0.1:" + free + "/x")));
    assertThat(refused.hard()).isTrue();
    assertThat(refused.error())
        .containsEntry("kind", "connection")
        .containsEntry("code", "CONN_REFUSED")
        .containsEntry("retryable", true);
    Outcome unknown =
        executor.run(Calls.of(ToolKind.HTTP, Map.of("url", "http://no-such-host.invalid/")));
    assertThat(unknown.hard()).isTrue();
    assertThat(unknown.error()).containsEntry("code", "DNS_ERROR");
    try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                try (Socket socket = plain.accept()) {
                  // Answers only what was said: an answer and an end before the client's first
                  // byte rarely make the client of JDK 25 wait for ever (6 of 41755 tries; so, 0 of
                  // 50711).
                  assertThat(socket.getInputStream().read()).isNotNegative();
                  socket.getOutputStream().write("no TLS here, sorry\n".getBytes(UTF_8));
                  socket.shutdownOutput();
                  socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      Outcome noTls =
          executor.run(
              Calls.of(
                  ToolKind.HTTP, Map.of("url", "https://127.0.0.1:" + plain.getLocalPort() + "/")));
      assertThat(noTls.hard()).isTrue();
      assertThat(noTls.error()).containsEntry("code", "CONN_ERROR");
    }
  }

  @Test
  void timeoutCoversHeadersAndBody() throws Exception {
    for (String path : List.of("/hang", "/drip")) {
      long start = System.nanoTime();
      Outcome outcome = run(path, "{'timeout_seconds': 0.3}");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(outcome.hard()).isTrue();
      assertThat(outcome.error())
          .containsEntry("kind", "timeout")
          .containsEntry("code", "TIMEOUT")
          .containsEntry("retryable", true);
    }
  }

  @Test
  void interruptEndsTheCall() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    run("/hang", "{}");
                  } catch (InterruptedException e) {
                    thrown.set(e);
                  }
                });
    thread.interrupt();
    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void badConfigurationIsHard() throws Exception {
    assertThat(executor.run(Calls.of(ToolKind.HTTP, Map.of())).error())
        .containsEntry("kind", "configuration")
        .containsEntry("message", "Invalid http config: missing field 'url'");
    for (String fields :
        List.of(
            "{'method': 'BREW'}",
            "{'response_type': 'xml'}",
            "{'timeout': 'soon'}",
            "{'url': 'ftp://x/'}",
            "{'url': 'no address'}",
            "{'url': 'http:///x'}",
            "{'url': 'http://u:secret@[/?token=secret'}",
            "{'headers': 'x'}")) {
      Outcome outcome = run("/ok", fields);
      assertThat(outcome.hard()).as(fields).isTrue();
      assertThat(outcome.error()).as(fields).containsEntry("kind", "configuration");
      assertThat(Json.text(outcome.error())).doesNotContain("secret");
    }
  }

  @Test
  void bodyAtTheLimitPassesAndBeyondItIsHard() throws Exception {
    try (HttpExecutor small = new HttpExecutor(HttpSettings.DEFAULT.withBodyLimit(1 << 17))) {
      Outcome fits = small.run(Calls.of(ToolKind.HTTP, Map.of("url", server.url("/big?2"))));
      assertThat(fits.succeeded()).isTrue();
      Outcome large = small.run(Calls.of(ToolKind.HTTP, Map.of("url", server.url("/big?3"))));
      assertThat(large.hard()).isTrue();
      assertThat(String.valueOf(large.error().get("message")))
          .contains("http.body-limit", "131072");
    }
    assertThat(((String) body(run("/big?400", "{}"))).length()).isEqualTo(400 << 16);
  }

  @Test
  void internalAddressesAreRefusedWhenTheSettingSaysSo() throws Exception {
    HttpSettings deny = HttpSettings.DEFAULT.withDenyInternal(true, Set.of());
    try (HttpExecutor guarded = new HttpExecutor(deny)) {
      for (String url :
          List.of(
              server.url("/ok"),
              "http://localhost:" + server.port() + "/ok",
              "http://10.1.2.3/",
              "http://169.254.169.254/latest",
              "http://[::1]/",
              "http://[fd00::1]/",
              "http://[::ffff:127.0.0.1]/",
              "http://100.64.0.1/",
              "http://0.0.0.0/")) {
        Outcome outcome = guarded.run(Calls.of(ToolKind.HTTP, Map.of("url", url)));
        assertThat(outcome.hard()).as(url).isTrue();
        assertThat(outcome.error()).as(url).containsEntry("code", "INTERNAL_ADDRESS");
      }
    }
    HttpSettings allow = HttpSettings.DEFAULT.withDenyInternal(true, Set.of("127.0.0.1"));
    try (HttpExecutor guarded = new HttpExecutor(allow)) {
      assertThat(guarded.run(Calls.of(ToolKind.HTTP, Map.of("url", server.url("/ok")))).succeeded())
          .isTrue();
    }
    assertThat(AddressGuard.internal(InetAddress.getByName("93.184.216.34"))).isFalse();
    assertThat(AddressGuard.internal(InetAddress.getByName("2606:2800:220:1::1"))).isFalse();
  }

  @Test
  void certificatesAreCheckedUnlessTheCallSaysNo(@TempDir Path temp) throws Exception {
    Path store = temp.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "t",
                "-keyalg",
                "EC",
                "-dname",
                "CN=elsewhere",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                store.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer https =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(context));
    try (TestServer tls = new TestServer(https)) {
      String url = "https://127.0.0.1:" + tls.port() + "/ok";
      Outcome checked = executor.run(Calls.of(ToolKind.HTTP, Map.of("url", url)));
      assertThat(checked.hard()).isTrue();
      assertThat(checked.error())
          .containsEntry("kind", "connection")
          .containsEntry("code", "CONN_ERROR");
      Outcome trusted =
          executor.run(Calls.of(ToolKind.HTTP, Map.of("url", url, "verify_ssl", false)));
      assertThat(trusted.error()).isNull();
    }
  }
}
