package io.noetl.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A migration is never edited once databases have run it: its hash stands in a file. */
final class ReleasedMigrationsTest {
  private static final Path FOLDER = Path.of("migrations");

  @Test
  void everyMigrationIsTheOneThatWasReleased() throws Exception {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".sql")).toList()) {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        found.put(file.getFileName().toString(), HexFormat.of().formatHex(digest));
      }
    }

    assertThat(found)
        .as(
            "write a new migration instead of editing one; add the new one's line to %s",
            FOLDER.resolve("released.sha256"))
        .isEqualTo(released());
  }

  private static Map<String, String> released() throws IOException {
    Map<String, String> lines = new TreeMap<>();
    for (String line : Files.readAllLines(FOLDER.resolve("released.sha256"))) {
      String[] parts = line.split(" +", 2);
      lines.put(parts[1], parts[0]);
    }
    return lines;
  }
}
