package io.noetl.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.sequence.CommandResult;
import io.noetl.tool.sequence.CtxWrite;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RedactionTest {
  private final Redaction redaction = new Redaction();

  @Test
  void hidesEverySecretMemberAndNoOther() {
    redaction.add(
        Map.of(
            "db_host",
            "db.example.org",
            "db_port",
            5432L,
            "db_user",
            "noetl-user",
            "db_password",
            "s3cr3t-1",
            "api_key",
            "key-123",
            "nested",
            Map.of("anything", "deep-1", "region", "eu-west"),
            "list",
            List.of("item-1"),
            "flag",
            true));

    assertThat(
            redaction.text(
                "db.example.org 5432 noetl-user s3cr3t-1 key-123 deep-1 eu-west item-1 true"))
        .isEqualTo(
            "db.example.org 5432 noetl-user [REDACTED] [REDACTED] [REDACTED] eu-west [REDACTED]"
                + " true");
  }

  @Test
  void hidesWhatIsEncodedForAnAddressOrInJson() {
    redaction.add(Map.of("password", "a b/\"c\"\n+é"));

    assertThat(redaction.text("?p=a+b%2F%22c%22%0A%2B%C3%A9&q=a%20b%2F%22c%22%0A%2B%C3%A9"))
        .isEqualTo("?p=[REDACTED]&q=[REDACTED]");
    assertThat(redaction.text(Json.text("a b/\"c\"\n+é"))).isEqualTo("\"[REDACTED]\"");
  }

  @Test
  void hidesThePasswordInsideAnAddress() {
    redaction.add(
        Map.of(
            "url", "nats://ada:inside-1@host:4222",
            "dsn", "host=h user=u password='inside-2' dbname=d"));

    assertThat(redaction.text("inside-1 inside-2 nats://host:4222"))
        .isEqualTo("[REDACTED] [REDACTED] nats://host:4222");
  }

  @Test
  void hidesThePartsOfADocumentAndTheLinesOfAKey() {
    redaction.add(
        Map.of(
            "service_account_json",
            Json.text(
                Map.of(
                    "client_email",
                    "robot@example.org",
                    "private_key",
                    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END PRIVATE"
                        + " KEY-----\n"))));

    assertThat(redaction.text("line MIIEvQIBADANBgkqhkiG of robot@example.org"))
        .isEqualTo("line [REDACTED] of robot@example.org");
  }

  @Test
  void leavesValuesThatAreTooShortToBeSecret() {
    redaction.add(Map.of("a", "abc", "b", "", "c", "   ", "d", "abcd"));

    assertThat(redaction.text("abc abcd")).isEqualTo("abc [REDACTED]");
  }

  @Test
  void hidesTheLongestSecretFirst() {
    redaction.add("secret");
    redaction.add("secret-and-more");

    assertThat(redaction.text("secret-and-more secret")).isEqualTo("[REDACTED] [REDACTED]");
  }

  @Test
  void hidesInEveryPartOfAResult() {
    redaction.add("planted");
    redaction.add(Map.of("pin", 4711L));
    Outcome outcome =
        new Outcome(
            Outcome.Status.ERROR,
            Outcome.Shape.SINGLE,
            Map.of("planted-key", List.of("x planted", 4711L, 4712L)),
            Errors.of("tool", "CODE", "it said planted", false),
            true,
            Map.of("status", 200L, "headers", Map.of("h", "planted")),
            Map.of("note", "planted"),
            null,
            Map.of("stdout", "planted\n", "stderr", "fine"));

    CommandResult clean =
        redaction.result(
            new CommandResult(
                outcome, List.of(new CtxWrite(List.of("a", "b"), Map.of("v", "planted")))));

    assertThat(Json.text(clean.outcome().toMap())).doesNotContain("planted").contains("4712");
    assertThat(clean.outcome().data())
        .isEqualTo(Map.of("[REDACTED]-key", List.of("x [REDACTED]", "[REDACTED]", 4712L)));
    assertThat(clean.outcome().error()).containsEntry("message", "it said [REDACTED]");
    assertThat(clean.outcome().streams()).containsEntry("stdout", "[REDACTED]\n");
    assertThat(clean.writes())
        .containsExactly(new CtxWrite(List.of("a", "b"), Map.of("v", "[REDACTED]")));
  }

  @Test
  void leavesAResultAloneWhenNothingWasHandedOut() {
    CommandResult result =
        new CommandResult(Outcome.success(new LinkedHashMap<>(Map.of("a", "b"))), List.of());

    assertThat(redaction.result(result)).isSameAs(result);
  }
}
