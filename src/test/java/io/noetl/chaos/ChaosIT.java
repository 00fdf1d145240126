package io.noetl.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.testing.NatsServers;
import io.noetl.testing.Processes;
import io.noetl.testing.RoleProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A short run of the command itself, with the seed of the gate. */
class ChaosIT {
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** {@code -Dnoetl.chaos.seed} chooses another. */
  private static final String SEED = System.getProperty("noetl.chaos.seed", "11");

  @Test
  void losesDoublesAndDisordersNothing() throws Exception {
    Path folder = Path.of("target", "chaos").toAbsolutePath();
    OwnBus.delete(folder);
    try (Processes processes = new Processes("chaos")) {
      RoleProcess chaos =
          processes.command(
              "chaos",
              Map.of(),
              "chaos",
              "--seed",
              SEED,
              "--minutes",
              "0.5",
              "--lease",
              "2",
              "--rate",
              "5",
              "--nats-server",
              NatsServers.binary().toString(),
              "--keep",
              folder.toString(),
              "-o",
              "json");

      int exit = chaos.start().awaitExit(PATIENCE);

      assertThat(exit).as(chaos.log() + Files.readString(chaos.output())).isZero();
      Map<String, ?> report = Json.parseObject(Files.readString(chaos.output()));
      System.out.println(Json.text(report));
      assertThat(report.get("passed")).isEqualTo(true);
      assertThat(report.get("totals"))
          .isEqualTo(Map.of("lost", 0L, "doubled", 0L, "stuck", 0L, "disordered", 0L));
      assertThat((List<?>) report.get("faults")).as("kinds of faults").hasSizeGreaterThan(2);
      assertThat((Long) report.get("executions")).as("executions").isGreaterThan(50);
      assertThat(folder).as("removed after success").doesNotExist();
    }
  }
}
