package io.noetl.execution;

import io.noetl.journal.EventCodec;
import io.noetl.journal.StateDocument;
import io.noetl.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a version leaves behind when it is released: the logs of {@link GoldenRuns} as they
 * are stored, one event a line, and then the state that they came to. How to run it is in
 * CONTRIBUTING.md.
 */
public final class GoldenLogs {
  static final Path FOLDER = Path.of("src/test/resources/logs");

  private GoldenLogs() {}

  /**
   * @param arguments the version that is released, for example 0.2.0
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = FOLDER.resolve(arguments[0]);
    if (Files.exists(folder)) {
      throw new IllegalStateException(
          "Expected no logs of version %s, but %s exists: logs of a released version stay as they are"
              .formatted(arguments[0], folder));
    }
    Files.createDirectories(folder);
    for (Map.Entry<String, Sim> run : GoldenRuns.all().entrySet()) {
      Files.write(folder.resolve(run.getKey() + ".jsonl"), lines(run.getValue()));
    }
  }

  private static List<String> lines(Sim run) {
    List<String> lines = new ArrayList<>();
    run.log.forEach(event -> lines.add(Json.text(line(event))));
    Map<String, @Nullable Object> document = StateDocument.of(run.state);
    Map<String, @Nullable Object> end = new LinkedHashMap<>();
    end.put("state", document);
    end.put("checksum", StateDocument.checksum(document));
    lines.add(Json.text(end));
    return lines;
  }

  private static Map<String, @Nullable Object> line(StoredEvent event) {
    Map<String, @Nullable Object> line = new LinkedHashMap<>();
    line.put("event_id", event.eventId());
    line.put("seq", event.seq());
    line.put("at", event.at().toString());
    line.put("type", EventCodec.type(event.event()));
    line.put("payload", EventCodec.encode(event.event()));
    return line;
  }
}
