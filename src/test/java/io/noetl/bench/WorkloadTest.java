package io.noetl.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.bench.BenchOptions.Topology;
import io.noetl.playbook.ParseResult;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class WorkloadTest {
  private final Templates templates = new Templates(TemplateLimits.DEFAULT);
  private final PlaybookParser parser =
      new PlaybookParser(
          PlaybookLimits.DEFAULT,
          TemplateCheck.of(templates::syntaxError, templates::guardSyntaxError));

  @ParameterizedTest
  @EnumSource(Workload.class)
  void executesAPlaybookThatIsValid(Workload workload) {
    assertThat(Workload.of(workload.word())).contains(workload);
    String playbook = workload.playbook();
    if (!playbook.isEmpty()) {
      assertThat(parser.parse(playbook)).isInstanceOf(ParseResult.Valid.class);
    }
  }

  @Test
  void refusesWhatCannotBeMeasured() {
    assertThatThrownBy(() -> options(List.of(0), Duration.ofSeconds(1), 1))
        .hasMessage("Expected --in-flight from 1 to 4096, but got 0");
    assertThatThrownBy(() -> options(List.of(1), Duration.ofMillis(99), 1))
        .hasMessage("Expected --seconds of at least 0.1, but got 99 ms");
    assertThatThrownBy(() -> options(List.of(1), Duration.ofSeconds(1), 0))
        .hasMessage("Expected --runs from 1 to 100, but got 0");
    assertThatThrownBy(() -> options(List.of(), Duration.ofSeconds(1), 1))
        .hasMessageContaining("at least one workload");
  }

  @Test
  void refusesALongLoadThatCannotBeHeldAgainstItself() {
    assertThatThrownBy(() -> options(List.of(1), Duration.ofSeconds(1), 1, Duration.ofMillis(600)))
        .hasMessage("Expected --endure of at least 0.02 minutes, but got 0.01");
    assertThatThrownBy(() -> options(List.of(1), Duration.ofSeconds(1), 2, Duration.ofHours(1)))
        .hasMessageStartingWith("Expected --endure without --runs and --compare");
  }

  private static BenchOptions options(List<Integer> inFlight, Duration measured, int runs) {
    return options(inFlight, measured, runs, null);
  }

  private static BenchOptions options(
      List<Integer> inFlight, Duration measured, int runs, @Nullable Duration endure) {
    return new BenchOptions(
        List.of(Workload.STEP1),
        List.of(Topology.ALL),
        inFlight,
        Duration.ZERO,
        measured,
        runs,
        null,
        false,
        endure,
        true,
        null);
  }
}
