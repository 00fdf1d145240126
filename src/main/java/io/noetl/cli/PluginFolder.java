package io.noetl.cli;

import io.noetl.json.JsonException;
import io.noetl.wasm.PluginScript;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A plug-in on disk.
 *
 * @param module the compiled module
 * @param fixtures beside it, in the order of their names; empty when there are none
 */
record PluginFolder(Path module, List<Path> fixtures) {
  /**
   * Finds the module and its fixtures.
   *
   * @param place a folder that holds one module, or the module itself
   * @throws UserError when no module is there
   */
  static PluginFolder of(Path place) {
    Path module = PluginFile.module(place);
    Path folder = module.toAbsolutePath().getParent();
    Path fixtures = folder == null ? Path.of("fixtures") : folder.resolve("fixtures");
    if (!Files.isDirectory(fixtures)) {
      return new PluginFolder(module, List.of());
    }
    try (Stream<Path> files = Files.list(fixtures)) {
      return new PluginFolder(
          module, files.filter(file -> file.toString().endsWith(".json")).sorted().toList());
    } catch (IOException e) {
      throw new UserError("Expected to read " + fixtures + ", but " + e.getMessage());
    }
  }

  /**
   * @throws UserError when the file cannot be read
   */
  byte[] bytes() {
    return Payloads.bytes(module);
  }

  /**
   * Reads a fixture or a recording.
   *
   * @throws UserError when it cannot be read or is none
   */
  static PluginScript script(Path file) {
    try {
      return PluginScript.parse(new String(Payloads.bytes(file), StandardCharsets.UTF_8));
    } catch (JsonException e) {
      throw new UserError(
          "Expected a fixture or a recording in " + file + ", but " + e.getMessage());
    }
  }
}
