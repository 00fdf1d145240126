package io.noetl.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.noetl.api.Access.Decision;
import io.noetl.api.Access.Decision.Forbidden;
import io.noetl.api.Access.Decision.Granted;
import io.noetl.api.Access.Decision.Unauthenticated;
import io.noetl.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenAccessTest {
  private static final String INTERNAL = "the-internal-token";
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

  private final Tokens tokens =
      new Tokens(
          Map.of(
              Tokens.sha256("u"), new Token("ada", "acme", Set.of(Token.Role.USER), null),
              Tokens.sha256("w"), new Token("w1", "acme", Set.of(Token.Role.WORKER), null),
              Tokens.sha256("all"), new Token("w2", "*", Set.of(Token.Role.WORKER), null),
              Tokens.sha256("o"), new Token("otto", "acme", Set.of(Token.Role.OPERATOR), null),
              Tokens.sha256("root"), new Token("olga", "*", Set.of(Token.Role.OPERATOR), null),
              Tokens.sha256("old"), new Token("eve", "acme", Set.of(Token.Role.USER), NOW)));
  private final TokenAccess access = new TokenAccess(INTERNAL, () -> tokens, "own", () -> NOW);

  private Decision decide(@Nullable String token, @Nullable String tenant, AccessClass wanted) {
    return access.decide(
        name ->
            switch (name) {
              case "Authorization" -> token == null ? null : "Bearer " + token;
              case Access.TENANT_HEADER -> tenant;
              default -> null;
            },
        wanted);
  }

  @ParameterizedTest
  @CsvSource({
    "u, OPEN USER SHARED",
    "w, OPEN WORKER SHARED",
    "all, OPEN WORKER SHARED",
    "own, OPEN WORKER SHARED",
    "o, OPEN USER SHARED",
    "root, OPEN USER SHARED OPERATOR",
    INTERNAL + ", OPEN OPERATOR INTERNAL"
  })
  void eachRoleOpensItsRoutes(String token, String classes) {
    List<String> open = new ArrayList<>();
    for (AccessClass wanted : AccessClass.values()) {
      if (decide(token, null, wanted) instanceof Granted) {
        open.add(wanted.name());
      }
    }

    assertThat(String.join(" ", open)).isEqualTo(classes);
  }

  @Test
  void theTenantIsThatOfTheToken() {
    assertThat(caller("u", null, AccessClass.USER).tenantId()).isEqualTo("acme");
    assertThat(caller("u", "acme", AccessClass.USER).tenantId()).isEqualTo("acme");
    assertThat(decide("u", "bank", AccessClass.USER)).isInstanceOf(Forbidden.class);
  }

  @Test
  void whoMayActForAllTenantsNamesOne() {
    assertThat(caller("root", "bank", AccessClass.USER).tenantId()).isEqualTo("bank");
    assertThat(caller("root", null, AccessClass.USER).tenantId()).isEqualTo("default");
    assertThat(caller("all", "bank", AccessClass.WORKER).tenantId()).isEqualTo("bank");
    assertThat(caller("all", null, AccessClass.WORKER).tenantId()).isEqualTo("*");
    assertThat(caller("all", null, AccessClass.SHARED).tenantId()).isEqualTo("*");
    assertThat(decide("all", "*", AccessClass.WORKER)).isInstanceOf(Forbidden.class);
    assertThat(caller(INTERNAL, "bank", AccessClass.INTERNAL).tenantId()).isEqualTo("bank");
  }

  private Caller caller(String token, @Nullable String tenant, AccessClass wanted) {
    return ((Granted) decide(token, tenant, wanted)).caller();
  }

  @Test
  void anUnknownOrExpiredTokenIsNobodys() {
    assertThat(decide(null, null, AccessClass.USER)).isInstanceOf(Unauthenticated.class);
    assertThat(decide("x", null, AccessClass.USER)).isInstanceOf(Unauthenticated.class);
    assertThat(decide("", null, AccessClass.WORKER)).isInstanceOf(Unauthenticated.class);
    assertThat(decide(Tokens.sha256("u"), null, AccessClass.USER))
        .isInstanceOf(Unauthenticated.class);
    assertThat(decide("old", null, AccessClass.USER))
        .isEqualTo(
            new Unauthenticated(
                "Expected a token that is still good, but it expired at 2026-01-31T12:00:00Z"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{\"tokens\": {}}",
        "{\"tokens\": [1]}",
        "{\"tokens\": [{\"sha256\": \"00\", \"subject\": \"a\", \"tenant\": \"t\","
            + " \"roles\": [\"user\"]}]}"
      })
  void refusesAFileThatIsNone(String text) {
    assertThatThrownBy(() -> Tokens.read(text.getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Expected");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "roles | [^root^] | role user, worker or operator",
        "roles | [] | Expected a role",
        "tenant | ^a.b^ | Expected tenant",
        "subject | ^ ^ | Expected subject",
        "expires | ^soon^ | Expected expires",
        "expire | ^2026-01-31T12:00:00Z^ | but got "
      })
  void refusesAnEntryThatSaysSomethingElse(String name, String value, String sentence) {
    Map<String, @Nullable Object> entry =
        Tokens.entry("x", new Token("ada", "acme", Set.of(Token.Role.USER), null));
    entry.put(name, Json.parse(value.replace('^', '"').getBytes(UTF_8)));

    assertThatThrownBy(() -> Tokens.read(Json.bytes(Map.of("tokens", List.of(entry)))))
        .hasMessageContaining("tokens[0]")
        .hasMessageContaining(sentence);
  }

  @Test
  void readsBackWhatItWrites() {
    Token token = new Token("ada", "*", Set.of(Token.Role.USER, Token.Role.WORKER), NOW);

    assertThat(Tokens.read(Json.bytes(Map.of("tokens", List.of(Tokens.entry("x", token))))))
        .isEqualTo(new Tokens(Map.of(Tokens.sha256("x"), token)));
  }

  @Test
  void aBrokenFileLeavesTheOldTokensInForceAndIsTold(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("tokens.json");
    Token ada = new Token("ada", "acme", Set.of(Token.Role.USER), null);
    Files.write(file, Json.bytes(Map.of("tokens", List.of(Tokens.entry("x", ada)))));
    List<@Nullable String> told = new ArrayList<>();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (TokenFile read =
        new TokenFile(file, Duration.ofHours(1), new TokenMetrics(meters), told::add)) {
      Tokens before = read.tokens();
      Files.writeString(file, "{");
      read.look();
      assertThat(read.tokens()).isEqualTo(before);
      assertThat(told).singleElement().asString().contains("Expected a JSON object");
      assertThat(meters.get("noetl.auth.tokens.failures").counter().count()).isEqualTo(1);
      assertThat(meters.get("noetl.auth.tokens.stale").gauge().value()).isEqualTo(1);
      Files.delete(file);
      read.look();
      assertThat(read.tokens()).isEqualTo(before);
      Files.writeString(file, "{\"tokens\": []}");
      read.look();
      assertThat(read.tokens().bySha256()).isEmpty();
      assertThat(told).hasSize(3).last().isNull();
      assertThat(meters.get("noetl.auth.tokens.stale").gauge().value()).isZero();
    }
    assertThatThrownBy(
            () ->
                new TokenFile(
                    folder.resolve("none"),
                    Duration.ofHours(1),
                    new TokenMetrics(meters),
                    reason -> {}))
        .hasMessageContaining("auth.tokens-file");
  }
}
