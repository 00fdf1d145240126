package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.json.Json;
import io.noetl.playbook.value.Outcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What workers of every age say about a call, as one outcome. */
class ReportedOutcomeTest {
  private static @Nullable Outcome read(String result, @Nullable Object error, boolean failed) {
    return ReportedOutcome.of(Json.parse(result), error, failed);
  }

  @Test
  void readsOurOwnFormWhole() {
    Outcome outcome =
        read(
            """
            {"status":"error","shape":"rows","data":[1],"hard":true,
             "error":{"kind":"timeout","code":"T","message":"late","retryable":true}}
            """,
            null,
            true);

    assertThat(outcome.hard()).isTrue();
    assertThat(outcome.shape()).isEqualTo(Outcome.Shape.ROWS);
    assertThat(outcome.error()).containsEntry("kind", "timeout").containsEntry("message", "late");
  }

  @ParameterizedTest
  @ValueSource(strings = {"COMPLETED", "success", "Succeeded", "done", "ok", "complete"})
  void takesEveryWordOfSuccess(String word) {
    assertThat(read("{\"status\":\"" + word + "\",\"data\":{\"n\":1}}", null, false))
        .isEqualTo(Outcome.success(Map.of("n", 1L)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"FAILED", "error", "failure", "timeout"})
  void takesEveryWordOfFailure(String word) {
    Outcome outcome = read("{\"status\":\"" + word + "\",\"error\":\"no\"}", null, false);

    assertThat(outcome.succeeded()).isFalse();
    assertThat(outcome.error()).containsEntry("message", "no").containsEntry("code", "TOOL_ERROR");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"status\":\"COMPLETED\",\"context\":{\"a\":1}}|{\"a\":1}",
        "{\"rows\":[1]}|{\"rows\":[1]}",
        "[1,2]|[1,2]",
        "\"text\"|\"text\""
      })
  void findsTheDataWhereverItStands(String result, String data) {
    assertThat(Json.text(read(result, null, false).data())).isEqualTo(data);
  }

  @Test
  void failsWhatTheTypeOfTheEventSaysFailed() {
    assertThat(read("{\"status\":\"success\",\"data\":1}", null, true).succeeded()).isFalse();
    assertThat(read("{\"x\":1}", "boom", true).error()).containsEntry("message", "boom");
    assertThat(read("null", "boom", true).error()).containsEntry("message", "boom");
    assertThat(read("null", Map.of("message", "m", "kind", "k"), true).error())
        .containsEntry("kind", "k")
        .containsKey("code");
  }

  @Test
  void keepsAReferenceToDataStoredElsewhere() {
    Outcome outcome =
        read("{\"status\":\"COMPLETED\",\"reference\":{\"uri\":\"noetl://x\"}}", null, false);

    assertThat(outcome.reference()).containsEntry("uri", "noetl://x");
  }

  @Test
  void saysNothingOfNothing() {
    assertThat(read("null", null, false)).isNull();
    assertThat(read("null", null, true)).isNull();
  }

  @Test
  void refusesStatusesThatAreNoWords() {
    assertThatThrownBy(() -> read("{\"status\":\"perhaps\"}", null, false))
        .isInstanceOf(Problem.Refusal.class)
        .hasMessageContaining("perhaps");
    assertThatThrownBy(() -> read("{\"status\":\"error\",\"shape\":\"odd\"}", null, false))
        .isInstanceOf(Problem.Refusal.class);
  }
}
