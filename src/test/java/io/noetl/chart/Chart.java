package io.noetl.chart;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

  private static final String CLUSTER = "1.30.0";

  /** Templates of what Helm does before anything else. */
  static final List<String> HOOKS = List.of("keys.yaml", "migrate.yaml");

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
    return command().call();
  }

  /** What whoever has installed it reads. */
  String notes() {
    String installed = installed();
    return installed.substring(installed.indexOf("\nNOTES:\n"));
  }

  private TemplateCommand command() {
    TemplateCommand command =
        helm(Unhooked.FOLDER)
            .template()
            .withName(RELEASE)
            .withNamespace(NAMESPACE)
            .withKubeVersion(CLUSTER);
    if (file != null) {
      command.withValuesFile(file);
    }
    values.forEach(command::set);
    return command;
  }

  /** What {@code helm install --dry-run=client} prints. No cluster is asked. */
  private String installed() {
    InstallCommand command =
        helm(FOLDER)
            .install()
            .withName(RELEASE)
            .withNamespace(NAMESPACE)
            .withKubeVersion(CLUSTER)
            .clientOnly()
            .dryRun()
            .withDryRunOption(DryRun.CLIENT);
    if (file != null) {
      command.withValuesFile(file);
    }
    values.forEach(command::set);
    return command.call().getOutput();
  }

  /** The library's {@code template} leaves hooks out, so here they are objects like the others. */
  private static final class Unhooked {
    static final Path FOLDER = make();

    private static Path make() {
      try {
        Path folder = Files.createTempDirectory(Path.of("target"), "chart-");
        Path chart = folder.resolve("noetl");
        copy(chart);
        for (String name : HOOKS) {
          Path template = chart.resolve("templates").resolve(name);
          Files.writeString(
              template, Files.readString(template).replaceAll("(?m)^ *helm\\.sh/hook.*\\R", ""));
        }
        return chart;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Copies the chart. */
  static void copy(Path to) throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(FOLDER.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  /** What {@code helm lint --strict} says about a chart in this folder. */
  static LintResult lint(Path folder) {
    return helm(folder).lint().strict().call();
  }
}
