package io.noetl.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the build remembers about its inputs: SHA-256 of contents, kept as {@code name=hash}. */
final class Fingerprints {
  private Fingerprints() {}

  /** The hash of names and contents of the files, in the order given. */
  static String of(List<Path> files) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : files) {
        digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(Files.readAllBytes(file));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected SHA-256 in every JDK, but it is missing", e);
    }
  }

  /** What was written last; empty when nothing was. */
  static Map<String, String> read(Path stamp) throws IOException {
    Map<String, String> known = new TreeMap<>();
    if (Files.exists(stamp)) {
      for (String line : Files.readAllLines(stamp)) {
        int equals = line.lastIndexOf('=');
        known.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return known;
  }

  static void write(Path stamp, Map<String, String> fingerprints) throws IOException {
    Files.createDirectories(stamp.getParent());
    Files.writeString(
        stamp,
        fingerprints.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
            .collect(Collectors.joining()));
  }
}
