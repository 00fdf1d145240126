package io.noetl.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Generates the jOOQ classes from the migrations, when these have changed since the last time.
 *
 * <p>Run by the build as {@code java -cp TEST_CLASS_PATH GenerateSources.java MIGRATIONS TARGET
 * full|quick VERSIONS}, where VERSIONS are those of jOOQ and PostgreSQL. The usual case, nothing
 * changed, must cost next to nothing: this class touches the JDK only, and {@link JooqGenerator}
 * with its libraries is loaded when it is needed.
 */
final class GenerateSources {
  private GenerateSources() {}

  public static void main(String[] args) throws Exception {
    Path migrations = Path.of(args[0]);
    Path target = Path.of(args[1]);
    forgetUncheckedClasses(target, args[2]);

    Path output = target.resolve("generated-sources").resolve("jooq");
    Path stamp = target.resolve("generated-sources").resolve("jooq.properties");
    List<Path> inputs = new ArrayList<>(sqlFiles(migrations));
    if (inputs.isEmpty()) {
      deleteTree(output);
      Files.createDirectories(output);
      return;
    }
    // The generator's settings are an input too.
    inputs.add(Path.of("src/build/java/io/noetl/build/JooqGenerator.java"));
    Map<String, String> now = Map.of("versions", args[3], "inputs", Fingerprints.of(inputs));
    if (Files.isDirectory(output) && now.equals(Fingerprints.read(stamp))) {
      return;
    }

    Files.deleteIfExists(stamp);
    deleteTree(output);
    JooqGenerator.generate(migrations, output);
    Fingerprints.write(stamp, now);
  }

  /**
   * A quick build compiles without the bug checks. The full one that follows must not take its
   * classes for checked ones, which the compiler plug-in would do: it looks at sources only.
   */
  private static void forgetUncheckedClasses(Path target, String kind) throws IOException {
    Path stamp = target.resolve("build-kind.properties");
    Map<String, String> now = Map.of("kind", kind);
    if (kind.equals("full") && Fingerprints.read(stamp).containsValue("quick")) {
      deleteTree(target.resolve("classes"));
      deleteTree(target.resolve("maven-status"));
    }
    Fingerprints.write(stamp, now);
  }

  private static List<Path> sqlFiles(Path migrations) throws IOException {
    if (!Files.isDirectory(migrations)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(migrations)) {
      return files.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
