package io.noetl.tool.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Looks for programs as a shell does. */
public final class Executables {
  private Executables() {}

  /**
   * @param command a name, or a path when it has a slash
   * @param path directories to look in, as in the variable PATH
   * @return the program's file; empty when there is none that may be run
   */
  public static Optional<Path> find(String command, String path) {
    try {
      if (command.contains("/") || command.contains(File.separator)) {
        return Optional.of(Path.of(command)).filter(Executables::runs);
      }
      for (String folder : path.split(File.pathSeparator, -1)) {
        Path file = Path.of(folder).resolve(command);
        if (!folder.isEmpty() && runs(file)) {
          return Optional.of(file);
        }
      }
    } catch (InvalidPathException e) {
      // What cannot be a path names no program.
    }
    return Optional.empty();
  }

  private static boolean runs(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
