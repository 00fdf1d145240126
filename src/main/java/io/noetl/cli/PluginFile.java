package io.noetl.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A plug-in that a run brings along.
 *
 * @param path its name in the catalog, as {@code tool.plugin.path} says it
 * @param module the compiled module
 */
record PluginFile(String path, Path module) {
  private static final String SUFFIX = ".wasm";

  /**
   * Reads {@code PATH=FOLDER} or {@code PATH=FILE.wasm}; a folder holds one module.
   *
   * @throws UserError when it has another form, or no module is there
   */
  static PluginFile of(String argument) {
    int equals = argument.indexOf('=');
    if (equals < 1 || equals == argument.length() - 1) {
      throw new UserError(
          "Expected --plugin PATH=FOLDER or PATH=FILE.wasm, but got --plugin " + argument);
    }
    Path place = Path.of(argument.substring(equals + 1));
    return new PluginFile(argument.substring(0, equals).strip(), module(place));
  }

  /**
   * The module at a place: the file itself, or the only one of a folder.
   *
   * @throws UserError when a folder holds none or several
   */
  static Path module(Path folder) {
    if (!Files.isDirectory(folder)) {
      return folder;
    }
    List<Path> modules;
    try (Stream<Path> files = Files.list(folder)) {
      modules = files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw new UserError("Expected to read " + folder + ", but " + e.getMessage());
    }
    if (modules.size() != 1) {
      throw new UserError(
          "Expected one "
              + SUFFIX
              + " file in "
              + folder
              + ", but there are "
              + modules.size()
              + "; name the file itself: FILE"
              + SUFFIX);
    }
    return modules.getFirst();
  }

  /**
   * @throws UserError when the file cannot be read
   */
  byte[] bytes() {
    return Payloads.bytes(module);
  }
}
