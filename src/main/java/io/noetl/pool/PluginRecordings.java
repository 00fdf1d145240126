package io.noetl.pool;

import io.noetl.json.Json;
import io.noetl.wasm.PluginScript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps recorded calls in a folder, each in a file named by its command and attempt.
 *
 * @param folder made when it is missing
 */
record PluginRecordings(Path folder) {
  private static final Logger log = LoggerFactory.getLogger(PluginRecordings.class);

  /**
   * @param clean takes out what the call was given as a secret
   */
  void keep(PluginScript script, UnaryOperator<Map<String, @Nullable Object>> clean) {
    Path file = folder.resolve(script.call().commandId() + "-" + script.call().attempt() + ".json");
    try {
      Files.createDirectories(folder);
      Files.write(file, Json.bytes(clean.apply(script.json())));
    } catch (IOException e) {
      // A call is not worth failing because it cannot be watched.
      log.warn("Expected to record a call in {} (plugin.recordings), but {}", file, e.toString());
    }
  }
}
