package io.noetl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What shading can break shows in the built jar only: so look into it, and start it. */
class BuiltJarIT {
  private static final Path PATH = Path.of(System.getProperty("noetl.jar", "target/noetl.jar"));

  private static JarFile jar;

  @BeforeAll
  static void open() throws IOException {
    jar = new JarFile(PATH.toFile());
  }

  @AfterAll
  static void close() throws IOException {
    jar.close();
  }

  @Test
  void helpTeaches() throws Exception {
    Run run = run("--help");

    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(run.output()).containsIgnoringCase("noetl");
  }

  @Test
  void versionNamesTheBuild() throws Exception {
    Run run = run("version");

    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(run.output()).containsIgnoringCase("noetl");
  }

  @Test
  void manifestStartsMainAndAllowsNativeAccess() throws IOException {
    Attributes manifest = jar.getManifest().getMainAttributes();

    assertThat(manifest.getValue("Main-Class")).isEqualTo("io.noetl.Main");
    assertThat(manifest.getValue("Multi-Release")).isEqualTo("true");
    assertThat(manifest.getValue("Enable-Native-Access")).isEqualTo("ALL-UNNAMED");
    assertThat(manifest.getValue("Implementation-Version")).matches("\\d+\\.\\d+\\.\\d+.*");
    assertThat(manifest.getValue("Git-Commit")).matches("[0-9a-f]{12}|unknown");
  }

  /** Each of these files is in several jars, and one provider per jar is named here. */
  @Test
  void serviceFilesOfAllJarsAreMerged() {
    assertThat(read("META-INF/services/io.helidon.webserver.spi.ServerConnectionSelectorProvider"))
        .contains("io.helidon.webserver.http1.", "io.helidon.webserver.http2.");
    assertThat(read("META-INF/services/java.sql.Driver"))
        .contains("org.postgresql.Driver", "com.impossibl.postgres.jdbc.PGDriver");
    assertThat(read("META-INF/services/org.flywaydb.core.extensibility.Plugin"))
        .contains("org.flywaydb.core.", "org.flywaydb.database.postgresql.");
  }

  @Test
  void helidonManifestsOfAllJarsAreMerged() {
    List<String> lines = read("META-INF/helidon/manifest").lines().toList();

    assertThat(lines)
        .contains(
            "META-INF/helidon/io.helidon.webserver/service-registry.json",
            "META-INF/helidon/io.helidon.webclient.api/service-registry.json",
            "META-INF/helidon/io.helidon.config/service-registry.json");
    assertThat(lines)
        .filteredOn(line -> line.startsWith("META-INF/"))
        .allSatisfy(line -> assertThat(jar.getEntry(line)).as(line).isNotNull());
  }

  @Test
  void signaturesAndModuleDescriptorsAreDropped() {
    assertThat(jar.stream().map(JarEntry::getName))
        .noneMatch(name -> name.matches("META-INF/[^/]+\\.(SF|DSA|RSA|EC)"))
        .noneMatch(name -> name.endsWith("module-info.class"));
  }

  @Test
  void migrationsAndThisMachinesPostgresAreInside() {
    assertThat(jar.stream().map(JarEntry::getName))
        .anyMatch(name -> name.matches("migrations/V\\d{4}__[a-z0-9_]+\\.sql"))
        .anyMatch(name -> name.matches("postgres-[a-z]+-[a-z0-9_]+\\.txz"));
  }

  private static String read(String name) {
    JarEntry entry = jar.getJarEntry(name);
    assertThat(entry).as(name).isNotNull();
    try (var in = jar.getInputStream(entry)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Run(int exit, String output) {}

  private static Run run(String... args) throws IOException, InterruptedException {
    Path output = Files.createTempFile("noetl-jar", ".txt");
    try {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-jar",
                  PATH.toString()));
      command.addAll(List.of(args));
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("Expected an end within 60 s, but still running: " + command);
      }
      return new Run(process.exitValue(), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }
}
