package io.noetl.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.chaos.ChaosReport.FaultRow;
import io.noetl.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a run says in the end. */
final class ChaosReportTest {
  private static ChaosReport report(long lost, List<String> violations) {
    return new ChaosReport(
        42,
        Duration.ofMinutes(1),
        100,
        60,
        20,
        900,
        3,
        50,
        2,
        List.of(),
        Duration.ofMillis(2500),
        List.of(new FaultRow("kill-worker", 2, 30, lost, 0, 0, 0, 3100, 4200)),
        List.of(
            new SizeSample(
                5,
                List.of(new SizeSample.Table("command", 5, 8192, 4096, 1)),
                2048,
                Map.of("server-1", 100L << 20)),
            new SizeSample(
                70,
                List.of(new SizeSample.Table("command", 0, 16384, 8192, 20)),
                4096,
                Map.of("server-1", 120L << 20))),
        Map.of("lost", lost, "doubled", 0L, "stuck", 0L, "disordered", 0L),
        violations);
  }

  @Test
  void passesWhenEveryCountIsZero() {
    ChaosReport report = report(0, List.of());

    assertThat(report.passed()).isTrue();
    assertThat(report.text())
        .contains(
            "seed 42, 60 s of faults: 100 executions, 60 of schedules, 20 children, 900 events")
        .containsPattern("kill-worker +2 +30 +0 +0 +0 +0 +3[.,]1 s +4[.,]2 s")
        .containsPattern("command +5 +0 +8 +16 +4 +8 +1 +20")
        .contains("store of nats-server: 2 KiB before, 4 after")
        .contains("server-1 100 120")
        .endsWith("passed: 0 lost, 0 doubled, 0 stuck, 0 disordered\n");
  }

  @Test
  void failsWithWhatIsWrong() {
    ChaosReport report = report(1, List.of("execution 7 is gone"));

    assertThat(report.passed()).isFalse();
    assertThat(report.text())
        .endsWith("FAILED: 1 lost, 0 doubled, 0 stuck, 0 disordered\n  execution 7 is gone\n");
    assertThat(Json.parseObject(Json.text(report.members())))
        .containsEntry("passed", false)
        .containsEntry("seed", 42L)
        .containsEntry("fired", 60L)
        .hasEntrySatisfying("sizes", sizes -> assertThat((List<?>) sizes).hasSize(2))
        .containsEntry("violations", List.of("execution 7 is gone"));
  }
}
