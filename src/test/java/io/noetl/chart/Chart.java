package io.noetl.chart;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The chart with some values. Where Helm's library does not run on this platform the calling test
 * is aborted with a message that says so; in continuous integration it fails.
 *
 * @param file of values; null = none
 * @param values by path, such as {@code database.host}; they win
 */
record Chart(@Nullable Path file, Map<String, Object> values) {
  static final Path FOLDER = Path.of("charts", "noetl");
  static final Path EXAMPLES = FOLDER.resolve("examples");
  static final String RELEASE = "noetl";
  static final String NAMESPACE = "platform";

  /** The least that must be given. */
  static final Chart LEAST =
      new Chart(
          null,
          Map.of(
              "database.host", "postgres",
              "database.existingSecret", "db",
              "nats.url", "nats://nats:4222",
              "auth.existingSecret", "tokens"));

  /** Looked for once per JVM. */
  private static final class Library {
    static final @Nullable String MISSING = look();

    private static @Nullable String look() {
      try {
        Helm.version().call();
        return null;
      } catch (LinkageError | RuntimeException e) {
        return "MISSING: Helm's library for this platform ("
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + "): "
            + e
            + ". This test did not run.";
      }
    }
  }

  private static Helm helm(Path folder) {
    String missing = Library.MISSING;
    if (missing != null) {
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(missing);
      }
      System.err.println(missing);
      Assumptions.abort(missing);
    }
    return new Helm(folder);
  }

  static Chart of(Path file) {
    return new Chart(file, Map.of());
  }

  Chart with(String path, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(values);
    more.put(path, value);
    return new Chart(file, more);
  }

  Rendered render() {
    return Rendered.of(text());
  }

  /**
   * What {@code helm template} prints.
   *
   * @throws IllegalStateException with Helm's words
   */
  String text() {
    TemplateCommand command =
        helm(FOLDER)
            .template()
            .withName(RELEASE)
            .withNamespace(NAMESPACE)
            .withKubeVersion("1.30.0");
    if (file != null) {
      command.withValuesFile(file);
    }
    values.forEach(command::set);
    return command.call();
  }

  /** What {@code helm lint --strict} says about a chart in this folder. */
  static LintResult lint(Path folder) {
    return helm(folder).lint().strict().call();
  }
}
