package io.noetl.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Writes down which servers the tests ran on; {@code ./noetl test} shows it beside the totals. */
final class TestServers {
  private static final Path FILE = Path.of("target", "test-servers.txt");

  private TestServers() {}

  /**
   * @param description such as {@code PostgreSQL 18.1 embedded (fsync on)}
   */
  static synchronized void used(String description) {
    String line = "servers: " + description;
    try {
      Files.createDirectories(FILE.toAbsolutePath().getParent());
      List<String> known = Files.exists(FILE) ? Files.readAllLines(FILE) : List.of();
      if (!known.contains(line)) {
        Files.writeString(FILE, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
