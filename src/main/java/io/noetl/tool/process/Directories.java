package io.noetl.tool.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Private directories of calls. */
public final class Directories {
  private static final System.Logger LOG = System.getLogger(Directories.class.getName());
  private static final int REMOVALS = 50;

  private Directories() {}

  /** Removes a directory, again while processes that are just ending still write into it. */
  public static void delete(Path directory) {
    for (int attempt = 1; attempt <= REMOVALS && Files.exists(directory); attempt++) {
      removeOnce(directory);
    }
  }

  private static void removeOnce(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      // Processes that are just ending may still remove their own parts of it.
      LOG.log(System.Logger.Level.DEBUG, "left behind: " + directory, e);
    }
  }
}
