package io.noetl.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.chaos.Promise.Cancelled;
import io.noetl.playbook.ParseResult;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client may rely on, and what breaks it. */
final class PromiseTest {
  private final Promise promise = new Promise(Errand.CHAIN, 2, "k");

  @Test
  void isKeptByTheResultOfItsNumberOnly() {
    assertThat(promise.broken(Map.of("status", "COMPLETED", "result", Map.of("n", 36L)))).isNull();
    assertThat(promise.broken(Map.of("status", "COMPLETED", "result", Map.of("n", 35L))))
        .contains("Expected the result {\"n\":36}, but it is {\"n\":35}");
    assertThat(promise.broken(Map.of("status", "FAILED", "error", "Failed steps: start")))
        .contains("Expected COMPLETED, but it is FAILED: Failed steps: start");
  }

  @Test
  void holdsACancellationToItsAnswer() {
    Map<String, Object> cancelled = Map.of("status", "CANCELLED");
    assertThat(promise.broken(cancelled)).contains("Expected COMPLETED, but it is CANCELLED");
    promise.cancelled(Cancelled.PERHAPS);
    assertThat(promise.broken(cancelled)).isNull();
    promise.cancelled(Cancelled.YES);
    assertThat(promise.broken(Map.of("status", "COMPLETED", "result", Map.of("n", 36L))))
        .contains("Expected CANCELLED, but it is COMPLETED");
  }

  @ParameterizedTest
  @EnumSource
  void everyErrandIsAValidPlaybookOfItsPath(Errand errand) {
    Templates templates = new Templates(TemplateLimits.DEFAULT);
    PlaybookParser parser =
        new PlaybookParser(
            PlaybookLimits.DEFAULT,
            TemplateCheck.of(templates::syntaxError, templates::guardSyntaxError));

    assertThat(parser.parse(errand.text()))
        .isInstanceOfSatisfying(
            ParseResult.Valid.class,
            valid -> assertThat(valid.playbook().path()).isEqualTo(errand.path()));
  }

  @Test
  void someErrandsMayEndInTwoWays() {
    assertThat(Errand.IMPATIENT.results(1))
        .isEqualTo(List.of("{\"how\":\"timeout\"}", "{\"how\":\"success\"}"));
  }
}
