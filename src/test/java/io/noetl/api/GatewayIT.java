package io.noetl.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.policy.Glob;
import io.noetl.policy.Mapping;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A gateway over HTTP: what it signs is what the server sees. */
class GatewayIT {
  private static final String SECRET = "a secret of 32 characters or more";
  private static RunningServer running;

  @BeforeAll
  static void start() {
    Mapping mapping =
        new Mapping(
            List.of(
                new Mapping.Entry(
                    "acme",
                    List.of(new Glob("*@acme.com")),
                    Set.of(),
                    Map.of(),
                    "acme",
                    Set.of("user"))));
    running =
        RunningServer.start(
            ServerParts.config(ApiLimits.DEFAULT),
            new GatewayAccess(
                new TokenAccess(
                    ServerParts.INTERNAL_TOKEN,
                    () -> new Tokens(Map.of()),
                    "",
                    InstantSource.system()),
                List.of(SECRET),
                Duration.ofSeconds(30),
                InstantSource.system(),
                mapping::of));
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private static HttpResponse<String> get(String target, String signedTarget) throws Exception {
    String caller =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                Json.text(
                        Map.of(
                            "subject",
                            "ada@acme.com",
                            "issued_at",
                            System.currentTimeMillis() / 1000))
                    .getBytes(UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(running.server().url() + target))
            .header(GatewayAccess.CALLER_HEADER, caller)
            .header(
                GatewayAccess.SIGNATURE_HEADER,
                GatewayAccess.signature(
                    SECRET.getBytes(UTF_8), GatewayAccess.signed("GET", signedTarget, caller, "")))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void aSignedRequestIsServedWhateverItsTargetHas() throws Exception {
    for (String target :
        List.of(
            "/api/executions",
            "/api/executions?limit=1&status=RUNNING",
            "/api/credentials?q=a%20b%2Fc",
            "/api/credentials?q=a+b&q=")) {
      assertThat(get(target, target).statusCode()).as(target).isEqualTo(200);
    }
    assertThat(get("/api/plugins/a%20b/c", "/api/plugins/a%20b/c").statusCode()).isEqualTo(404);
  }

  @Test
  void aSignatureOfAnotherTargetIsRefusedWithItsReason() throws Exception {
    HttpResponse<String> refused = get("/api/executions?limit=2", "/api/executions?limit=1");

    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(Json.parseObject(refused.body()))
        .containsEntry("code", "unauthenticated")
        .containsEntry("reason", "gateway_signature");
    HttpResponse<String> health;
    try (HttpClient client = HttpClient.newHttpClient()) {
      health =
          client.send(
              HttpRequest.newBuilder(URI.create(running.server().url() + "/api/health")).build(),
              HttpResponse.BodyHandlers.ofString());
    }
    assertThat(Json.parseObject(health.body())).containsEntry("auth", "gateway");
  }
}
