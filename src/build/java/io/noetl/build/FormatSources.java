package io.noetl.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Checks that every Java source is in google-java-format, or puts it there.
 *
 * <p>Run by the build as {@code java FormatSources.java check|apply TARGET FORMATTER_JAR} in the
 * project's folder, on JDK 25: the formatter uses the compiler of the JDK it runs on, and Maven may
 * run on one that cannot read our sources. The fingerprints of files found in order are kept in
 * {@code TARGET/formatted.properties}, so that only what changed since is looked at again.
 */
final class FormatSources {
  private static final List<String> COMPILER_PACKAGES =
      List.of("api", "code", "file", "parser", "tree", "util", "main");

  private FormatSources() {}

  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    Path stamp = Path.of(args[1], "formatted.properties");
    Path formatter = Path.of(args[2]);

    Map<String, String> known = Fingerprints.read(stamp);
    List<String> changed = new ArrayList<>();
    for (Map.Entry<String, String> file : fingerprints().entrySet()) {
      if (!file.getValue().equals(known.get(file.getKey()))) {
        changed.add(file.getKey());
      }
    }
    if (changed.isEmpty()) {
      return;
    }

    int exit = format(formatter, apply, changed);
    if (exit != 0) {
      if (!apply) {
        System.err.println(
            """
            Expected every Java source in google-java-format, but the files above are not.
            To format them: ./noetl fmt      (or: mvn -q -Pformat generate-sources)\
            """);
      }
      System.exit(exit);
    }
    Fingerprints.write(stamp, fingerprints());
  }

  private static Map<String, String> fingerprints() throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        found.put(file.toString(), Fingerprints.of(List.of(file)));
      }
    }
    return found;
  }

  private static int format(Path formatter, boolean apply, List<String> files)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    for (String name : COMPILER_PACKAGES) {
      command.add("--add-exports=jdk.compiler/com.sun.tools.javac." + name + "=ALL-UNNAMED");
    }
    command.add("--add-opens=jdk.compiler/com.sun.tools.javac.code=ALL-UNNAMED");
    command.add("--add-opens=jdk.compiler/com.sun.tools.javac.comp=ALL-UNNAMED");
    command.addAll(List.of("-jar", formatter.toString()));
    command.addAll(apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    command.addAll(files);
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
