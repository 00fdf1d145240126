package io.noetl.cli;

import io.noetl.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The events of an execution as a server streams them, in src/test/resources/cli/events.jsonl. */
final class RecordedEvents {
  private RecordedEvents() {}

  static List<Map<String, Object>> all() {
    return lines().stream().map(Json::parseObject).toList();
  }

  static List<String> lines() {
    try (InputStream stream = RecordedEvents.class.getResourceAsStream("/cli/events.jsonl")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
