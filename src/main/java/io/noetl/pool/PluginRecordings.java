package io.noetl.pool;

import io.noetl.json.Json;
import io.noetl.wasm.PluginScript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps recorded calls in a folder, each in a file named by its command and attempt.
 *
 * @param folder made when it is missing
 */
record PluginRecordings(Path folder) {
  private static final Logger log = LoggerFactory.getLogger(PluginRecordings.class);

  void keep(PluginScript script) {
    Path file = folder.resolve(script.call().commandId() + "-" + script.call().attempt() + ".json");
    try {
      Files.createDirectories(folder);
      Files.write(file, Json.bytes(script.json()));
    } catch (IOException e) {
      // A call is not worth failing because it cannot be watched.
      log.warn("Expected to record a call in {} (plugin.recordings), but {}", file, e.toString());
    }
  }
}
