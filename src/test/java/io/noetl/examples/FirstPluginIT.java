package io.noetl.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.noetl.config.DatabaseConfig;
import io.noetl.testing.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * docs/plugins/first-plugin.md, followed to the letter in each language, from an empty folder to a
 * plug-in on a server: its files are written and its commands run in their order. Only the port and
 * the id of the execution are replaced.
 */
class FirstPluginIT {
  private static final Pattern STEP =
      Pattern.compile("(?ms)^##+ ([^\\n]+)$|^([^\\n]*)\\R\\R?```(\\w+)\\R(.*?)^```$");
  private static final Pattern FILE = Pattern.compile("`([\\w./-]+\\.\\w+)`:$");
  private static final int LIMIT_SECONDS = 240;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"C", "AssemblyScript", "Rust"})
  void thePageLeadsToAPluginOnAServer(String language) throws Exception {
    DatabaseConfig database = TestPostgres.migrated();
    Path launcher = Files.writeString(folder.resolve("noetl"), RunningGuideIT.launcher());
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));

    Outcome outcome = run(script(language, freePort()), database);

    boolean missing = outcome.output().contains("build.sh: expected");
    if (missing && !"true".equals(System.getenv("CI"))) {
      assumeTrue(false, "SKIPPED, " + language + ": " + outcome.output());
    }
    assertThat(outcome.exit()).as(outcome.output()).isZero();
    assertThat(outcome.output())
        .contains("import   noetl.v1.host_output", "1 passed, 0 failed", "2 passed, 0 failed")
        .contains("{\"greeting\":\"Hello, Ada!\"}", "\"status\":\"COMPLETED\"")
        .containsPattern("start {2}call {3}fuel \\d+")
        .contains("output {\"greeting\":\"Hello, Ada!\"}");
  }

  /** What the page tells somebody who has chosen this language. */
  private static String script(String language, int port) {
    StringBuilder script = new StringBuilder();
    Matcher step = STEP.matcher(Markdown.read("docs/plugins/first-plugin.md").text());
    boolean mine = true;
    while (step.find()) {
      String heading = step.group(1);
      if (heading != null) {
        mine = !heading.startsWith("In ") || heading.equals("In " + language);
        continue;
      }
      if (!mine) {
        continue;
      }
      switch (step.group(3)) {
        case "console" -> script.append(commands(step.group(4)));
        case "sh" -> script.append(server(step.group(4), port));
        default -> script.append(file(step.group(2), step.group(4)));
      }
    }
    return script.toString().replace("127.0.0.1:8082", "127.0.0.1:" + port);
  }

  private static String commands(String block) {
    StringBuilder commands = new StringBuilder();
    for (String line : block.lines().toList()) {
      if (!line.startsWith("./noetl")) {
        continue;
      }
      // A terminal would show it; the script reads the id of the execution there.
      commands.append(line.replace("EXECUTION", "\"$execution\"")).append(" | tee last.txt\n");
      if (line.contains("-o json")) {
        commands.append(
            "execution=$(sed 's/.*\"execution_id\":\"\\([0-9]*\\)\".*/\\1/' last.txt)\n");
      }
    }
    return commands.toString();
  }

  /** In another terminal, until the script ends. */
  private static String server(String block, int port) {
    return block.strip()
        + " --port "
        + port
        + " >up.log 2>&1 &\n"
        + "until curl -sf http://127.0.0.1:8082/readyz; do kill -0 $! || { cat up.log; exit 1; };"
        + " sleep 0.2; done\n";
  }

  private static String file(String before, String text) {
    Matcher name = FILE.matcher(before);
    assertThat(name.find()).as("the name of a file in: %s", before).isTrue();
    return "cat >" + name.group(1) + " <<'END OF FILE'\n" + text + "END OF FILE\n";
  }

  /** Ends the server of the other terminal with the script, whose own exit code stands. */
  private static final String CLOSE_TERMINAL = "trap 'kill $(jobs -p) && wait || true' EXIT\n";

  private record Outcome(int exit, String output) {}

  private Outcome run(String script, DatabaseConfig database) throws Exception {
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", "set -euxo pipefail\n" + CLOSE_TERMINAL + script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("POSTGRES_HOST", database.host());
    builder.environment().put("POSTGRES_PORT", String.valueOf(database.port()));
    builder.environment().put("POSTGRES_DB", database.name());
    builder.environment().put("POSTGRES_USER", database.user());
    builder.environment().put("POSTGRES_PASSWORD", database.password().reveal());
    builder.environment().remove("NATS_URL");
    Process bash = builder.start();
    try {
      boolean ended = bash.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      String text = Files.readString(output);
      assertThat(ended).as("ended within %d s: %s", LIMIT_SECONDS, text).isTrue();
      return new Outcome(bash.exitValue(), text);
    } finally {
      List<ProcessHandle> left = new ArrayList<>(bash.descendants().toList());
      left.add(bash.toHandle());
      left.forEach(ProcessHandle::destroyForcibly);
      left.forEach(process -> process.onExit().join());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
