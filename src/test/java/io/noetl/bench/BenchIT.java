package io.noetl.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.bench.BenchOptions.Topology;
import io.noetl.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The whole of a bench with its real processes, as short as it goes. */
final class BenchIT {
  @Test
  void aLongLoadIsToldWindowByWindow() throws InterruptedException {
    List<String> progress = new ArrayList<>();
    BenchOptions options =
        new BenchOptions(
            List.of(Workload.STEP1),
            List.of(Topology.ALL),
            List.of(2),
            Duration.ofMillis(100),
            Duration.ofMillis(100),
            1,
            null,
            false,
            Duration.ofMillis(200L * Endurance.WINDOWS),
            false,
            null);

    Report report = new Bench(options, progress::add).run();

    assertThat(progress).filteredOn(line -> line.contains("step1")).hasSize(Endurance.WINDOWS);
    assertThat(report.text())
        .contains("endurance all/step1/closed/2", "the last against the first: runs/s ");
    Map<String, @Nullable Object> json = Json.parseObject(report.json());
    assertThat(json.get("endurance"))
        .asInstanceOf(InstanceOfAssertFactories.list(Map.class))
        .singleElement()
        .satisfies(
            load -> {
              assertThat((List<?>) load.get("windows"))
                  .hasSize(Endurance.WINDOWS)
                  .allSatisfy(
                      window -> {
                        assertThat(number(window, "runs")).isPositive();
                        assertThat(number(window, "failed")).isZero();
                        assertThat(number(window, "database_bytes")).isGreaterThan(1_000_000);
                      });
              assertThat(number(load.get("last_against_first"), "runs_per_second")).isPositive();
            });
  }

  private static double number(Object of, String name) {
    return ((Number) ((Map<?, ?>) of).get(name)).doubleValue();
  }
}
