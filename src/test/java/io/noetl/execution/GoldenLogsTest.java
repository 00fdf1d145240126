package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.journal.EventCodec;
import io.noetl.journal.StateDocument;
import io.noetl.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every released version wrote must fold to the same state for ever. A folder per version, a
 * file per run: the events as they are stored, one a line, and then the state that they came to.
 *
 * <p>{@link GoldenLogs} makes the folder of a version, once, when it is released. It is never made
 * again; a version that cannot read it is wrong.
 */
final class GoldenLogsTest {

  static List<Path> logs() throws IOException {
    try (Stream<Path> files = Files.walk(GoldenLogs.FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("logs")
  void foldsToTheStateThatItAlwaysCameTo(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    Map<String, @Nullable Object> state = Json.parseObject(lines.getLast());
    List<StoredEvent> log = new ArrayList<>();
    for (String line : lines.subList(0, lines.size() - 1)) {
      log.add(read(Json.parseObject(line)));
    }

    Map<String, @Nullable Object> document =
        StateDocument.of(ExecutionState.replay(Sim.EXECUTION, log));

    assertThat(Json.text(document)).isEqualTo(Json.text(state.get("state")));
    assertThat(StateDocument.checksum(document)).isEqualTo(state.get("checksum"));
  }

  /** A later version may write other events for the same intents; it must still write them all. */
  @Test
  void theRunsContainEveryEvent() {
    TreeSet<String> seen = new TreeSet<>();
    GoldenRuns.all().values().forEach(sim -> seen.addAll(sim.types()));

    assertThat(seen)
        .containsExactlyElementsOf(
            new TreeSet<>(
                Arrays.stream(ExecutionEvent.class.getPermittedSubclasses())
                    .map(Class::getSimpleName)
                    .toList()));
  }

  private static StoredEvent read(Map<String, @Nullable Object> line) {
    Object payload = line.get("payload");
    return new StoredEvent(
        ((Number) line.get("event_id")).longValue(),
        ((Number) line.get("seq")).intValue(),
        Instant.parse((String) line.get("at")),
        EventCodec.decode((String) line.get("type"), Json.parseObject(Json.text(payload))));
  }
}
