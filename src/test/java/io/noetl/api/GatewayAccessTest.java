package io.noetl.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.api.Access.Decision;
import io.noetl.api.Access.Decision.Forbidden;
import io.noetl.api.Access.Decision.Granted;
import io.noetl.api.Access.Decision.Unauthenticated;
import io.noetl.json.Json;
import io.noetl.policy.Glob;
import io.noetl.policy.Mapping;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayAccessTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final String SECRET = "a secret of 32 characters or more";
  private static final String OLD = "another secret of 32 characters ..";
  private static final String TARGET = "/api/execute?wait=1";

  private final Mapping mapping =
      new Mapping(
          List.of(
              new Mapping.Entry(
                  "fin",
                  List.of(new Glob("*@acme.com")),
                  Set.of("fin"),
                  Map.of(),
                  "acme",
                  Set.of("user", "billing"))));
  private final Tokens tokens =
      new Tokens(Map.of(Tokens.sha256("w"), new Token("w1", "*", Set.of(Token.Role.WORKER), null)));
  private final GatewayAccess access =
      new GatewayAccess(
          new TokenAccess("the-internal-token", () -> tokens, "", () -> NOW),
          List.of(SECRET, OLD),
          Duration.ofSeconds(30),
          () -> NOW,
          mapping::of);

  private record Sent(String method, String target, Map<String, String> headers)
      implements Access.Headers {
    @Override
    public @Nullable String first(String name) {
      return headers.get(name);
    }
  }

  private static String caller(Object... members) {
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("subject", "ada@acme.com");
    said.put("issued_at", NOW.getEpochSecond());
    for (int i = 0; i < members.length; i += 2) {
      said.put((String) members[i], members[i + 1]);
    }
    return encoded(Json.text(said));
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  private static Map<String, String> signed(String secret, String caller) {
    return new LinkedHashMap<>(
        Map.of(
            GatewayAccess.CALLER_HEADER,
            caller,
            GatewayAccess.SIGNATURE_HEADER,
            GatewayAccess.signature(
                secret.getBytes(UTF_8), GatewayAccess.signed("POST", TARGET, caller, ""))));
  }

  private Decision decide(Map<String, String> headers, AccessClass wanted) {
    return access.decide(new Sent("POST", TARGET, headers), wanted);
  }

  private Decision decide(String caller) {
    return decide(signed(SECRET, caller), AccessClass.USER);
  }

  @Test
  void theGatewaySaysWhoCallsWithEitherSecret() {
    String caller = caller("tenant", "bank", "roles", List.of("user", "audit"));

    for (String secret : List.of(SECRET, OLD)) {
      assertThat(decide(signed(secret, caller), AccessClass.USER))
          .isEqualTo(
              new Granted(
                  new Caller(
                      "bank",
                      "ada@acme.com",
                      Caller.Reach.ONE_TENANT,
                      false,
                      false,
                      Set.of("user", "audit"))));
    }
    assertThat(decide(signed(SECRET, caller), AccessClass.OPERATOR)).isInstanceOf(Forbidden.class);
    assertThat(decide(signed(SECRET, caller), AccessClass.WORKER)).isInstanceOf(Forbidden.class);
  }

  @Test
  void theMappingGivesTenantAndRoles() {
    assertThat(decide(caller("groups", List.of("fin"))))
        .isInstanceOfSatisfying(
            Granted.class,
            granted -> {
              assertThat(granted.caller().tenantId()).isEqualTo("acme");
              assertThat(granted.caller().roles()).containsExactlyInAnyOrder("user", "billing");
              assertThat(granted.caller().repairs()).isFalse();
            });
    assertThat(decide(caller("groups", List.of("law"))))
        .isInstanceOfSatisfying(
            Forbidden.class, forbidden -> assertThat(forbidden.sentence()).contains("a tenant"));
    assertThat(decide(caller("groups", List.of("law"), "tenant", "acme")))
        .isInstanceOfSatisfying(
            Forbidden.class,
            forbidden -> assertThat(forbidden.sentence()).contains("the role user or operator"));
  }

  @Test
  void anOperatorOfEveryTenantRepairs() {
    assertThat(
            decide(
                signed(SECRET, caller("tenant", "*", "roles", List.of("operator"))),
                AccessClass.OPERATOR))
        .isInstanceOfSatisfying(
            Granted.class, granted -> assertThat(granted.caller().repairs()).isTrue());
  }

  @Test
  void aSignatureIsGoodForItsRequestOnly() {
    Map<String, String> good = signed(SECRET, caller("tenant", "a", "roles", List.of("user")));

    assertThat(decide(good, AccessClass.USER)).isInstanceOf(Granted.class);
    for (Sent other :
        List.of(
            new Sent("DELETE", TARGET, good),
            new Sent("POST", "/api/execute", good),
            new Sent("POST", TARGET, with(good, GatewayAccess.SIGNATURE_HEADER, "v1=00")),
            new Sent("POST", TARGET, with(good, Access.TENANT_HEADER, "b")),
            new Sent(
                "POST",
                TARGET,
                with(
                    good,
                    GatewayAccess.CALLER_HEADER,
                    caller("tenant", "b", "roles", List.of("user")))),
            new Sent(
                "POST",
                TARGET,
                Map.of(GatewayAccess.CALLER_HEADER, caller("roles", List.of("user")))),
            new Sent("POST", TARGET, signed("x".repeat(32), caller("tenant", "a"))))) {
      assertThat(access.decide(other, AccessClass.USER))
          .isInstanceOfSatisfying(
              Unauthenticated.class,
              refused -> assertThat(refused.reason()).isEqualTo("gateway_signature"));
    }
  }

  private static Map<String, String> with(Map<String, String> from, String name, String value) {
    Map<String, String> changed = new LinkedHashMap<>(from);
    changed.put(name, value);
    return changed;
  }

  @Test
  void aSignatureIsGoodWithinTheWindow() {
    long now = NOW.getEpochSecond();
    for (long at : List.of(now - 30, now, now + 30)) {
      assertThat(decide(caller("tenant", "a", "roles", List.of("user"), "issued_at", at)))
          .isInstanceOf(Granted.class);
    }
    for (long at : List.of(now - 31, now + 31, 0L)) {
      assertThat(decide(caller("tenant", "a", "roles", List.of("user"), "issued_at", at)))
          .isInstanceOfSatisfying(
              Unauthenticated.class,
              refused -> {
                assertThat(refused.reason()).isEqualTo("gateway_expired");
                assertThat(refused.sentence()).contains("auth.gateway-window");
              });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "[]",
        "{\"subject\": \"\", \"issued_at\": 1}",
        "{\"subject\": \"a\"}",
        "{\"subject\": \"a\", \"issued_at\": \"now\"}",
        "{\"subject\": \"a\", \"issued_at\": 9223372036854775807}",
        "{\"subject\": \"a\", \"issued_at\": 1, \"tenant\": \"a b\"}",
        "{\"subject\": \"a\", \"issued_at\": 1, \"roles\": [\"worker\"]}",
        "{\"subject\": \"a\", \"issued_at\": 1, \"groups\": \"x\"}",
        "{\"subject\": \"a\", \"issued_at\": 1, \"claims\": {\"a\": 1}}",
        "{\"subject\": \"a\", \"issued_at\": 1, \"admin\": true}"
      })
  void refusesWhatCannotBeRead(String said) {
    assertThat(decide(encoded(said)))
        .isInstanceOfSatisfying(
            Unauthenticated.class,
            refused -> assertThat(refused.reason()).isEqualTo("gateway_caller"));
  }

  @Test
  void refusesALongHeaderBeforeItReadsIt() {
    assertThat(decide(caller("claims", Map.of("a", "x".repeat(9_000)))))
        .isInstanceOfSatisfying(
            Unauthenticated.class,
            refused -> assertThat(refused.sentence()).contains("at most 8192 characters"));
  }

  @Test
  void whatNobodySignedIsForTokens() {
    assertThat(decide(Map.of("Authorization", "Bearer w"), AccessClass.WORKER))
        .isInstanceOf(Granted.class);
    assertThat(decide(Map.of("Authorization", "Bearer the-internal-token"), AccessClass.INTERNAL))
        .isInstanceOf(Granted.class);
    assertThat(decide(Map.of(), AccessClass.USER)).isInstanceOf(Unauthenticated.class);
    assertThat(decide(signed(SECRET, caller("tenant", "*")), AccessClass.INTERNAL))
        .isInstanceOf(Forbidden.class);
    assertThat(decide(Map.of(), AccessClass.OPEN)).isInstanceOf(Granted.class);
  }
}
