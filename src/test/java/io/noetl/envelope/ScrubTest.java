package io.noetl.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScrubTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "password",
        "Password",
        "client_secret",
        "clientSecret",
        "API-KEY",
        "access_token",
        "Authorization",
        "private_key",
        "connection_string"
      })
  void hidesValuesUnderExactNames(String name) {
    assertThat(Scrub.value(Map.of(name, "hush"))).isEqualTo(Map.of(name, "[REDACTED]"));
    assertThat(Scrub.value(Map.of(name, Map.of("x", 1)))).isEqualTo(Map.of(name, "[REDACTED]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth",
        "credential",
        "pg_credential",
        "keychain",
        "secret_name",
        "token_count",
        "password_policy",
        "tokens",
        "secretary"
      })
  void keepsNamesOfCredentialsAndWhatOnlySoundsAlike(String name) {
    Map<String, Object> value = Map.of(name, "pg_main");

    assertThat(Scrub.value(value)).isSameAs(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Authorization: Bearer abcdef123456 rest|Authorization: Bearer [REDACTED] rest",
        "basic dXNlcjpwYXNzd29yZA==|basic [REDACTED]",
        "jwt eyJhbGciOi.eyJzdWIiOj.c2lnbmF0dXJl.|jwt [REDACTED].",
        "key AKIAIOSFODNN7EXAMPLE!|key [REDACTED]!",
        "ghp_abcdefghijklmnopqrstuvwxyz|[REDACTED]",
        "postgres://joe:s3cret@db:5432/x|postgres://joe:[REDACTED]@db:5432/x",
        "see https://example.org/a:b for it|see https://example.org/a:b for it",
        "the bear is a basic animal|the bear is a basic animal"
      })
  void hidesTextsThatLookLikeSecrets(String text, String clean) {
    assertThat(Scrub.text(text)).isEqualTo(clean);
  }

  @Test
  void hidesWholePrivateKeys() {
    String key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----";

    assertThat(Scrub.text("a " + key + " b")).isEqualTo("a [REDACTED] b");
    assertThat(Scrub.text(key.substring(0, 40))).isEqualTo("[REDACTED]");
  }

  @Test
  void looksIntoListsAndMapsAndKeepsTheOrder() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("z", 1);
    value.put("rows", List.of(Map.of("token", "t"), "plain", true));
    value.put("a", "Bearer 1234567890");

    assertThat(Scrub.value(value))
        .hasToString("{z=1, rows=[{token=[REDACTED]}, plain, true], a=Bearer [REDACTED]}");
    assertThat(value.get("a")).isEqualTo("Bearer 1234567890");
  }

  @Test
  void returnsWhatIsCleanWithoutCopying() {
    List<Object> clean = List.of(Map.of("a", List.of(1, "b")), "c");

    assertThat(Scrub.value(clean)).isSameAs(clean);
    assertThat(Scrub.value(Map.of("password", "", "token", false)))
        .isEqualTo(Map.of("password", "", "token", false));
  }
}
