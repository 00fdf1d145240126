package io.noetl.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private enum Answer {
    GRANTED,
    NOT_FOUND
  }

  @Test
  void everySeriesNamesTheRoleAndTheProcessIsMeasured() {
    try (Metrics metrics = new Metrics("publisher")) {
      metrics.start();

      assertThat(metrics.scrape())
          .contains("jvm_memory_used_bytes", "process_uptime_seconds", "jvm_threads_live")
          .contains("role=\"publisher\"");
    }
  }

  @Test
  void seriesOfAClosedTagExistAtZeroFromTheStart() {
    try (Metrics metrics = new Metrics("worker")) {
      Map<Answer, Counter> answers =
          ClosedTag.counters(
              metrics.registry(), "noetl.test.answers", "Answers", "answer", Answer.class);

      assertThat(metrics.scrape())
          .contains("noetl_test_answers_total{answer=\"granted\",role=\"worker\"} 0.0")
          .contains("noetl_test_answers_total{answer=\"not-found\",role=\"worker\"} 0.0");

      answers.get(Answer.NOT_FOUND).increment();
      assertThat(metrics.scrape())
          .contains("noetl_test_answers_total{answer=\"not-found\",role=\"worker\"} 1.0");
    }
  }
}
