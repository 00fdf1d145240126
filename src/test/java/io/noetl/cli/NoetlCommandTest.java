package io.noetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.NoetlConfig;
import io.noetl.json.Json;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Mode;
import io.noetl.mode.Roles;
import io.noetl.support.Lifecycle;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoetlCommandTest {
  private static final String VALID =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: demo, path: examples/demo}
      workflow:
        - step: start
          tool: {kind: noop}
      """;
  private static final String INVALID = VALID + "    next: {arcs: [{step: shuot}]}\n";

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<String> asked = new ArrayList<>();
  private URI embeddedAt = URI.create("http://127.0.0.1:1");

  @Test
  void helpTeachesWithExamplesAndExitCodes() {
    assertThat(run("--help")).isZero();

    assertThat(out.toString())
        .contains("noetl run docs/examples/hello.yaml", "Exit codes: 0 done", "docs/running.md")
        .contains("  run ", "  up ", "  validate ", "  server ", "  system-pool, system ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "up",
        "validate",
        "server",
        "publisher",
        "projector",
        "system-pool",
        "worker",
        "all",
        "migrate",
        "chaos",
        "print-config",
        "version"
      })
  void everyCommandHasHelp(String command) {
    assertThat(run(command, "--help")).isZero();

    assertThat(out.toString()).contains("Usage: noetl " + command);
  }

  @Test
  void withoutACommandItShowsHelpAndEndsAsWrongUsage() {
    assertThat(run()).isEqualTo(2);

    assertThat(err.toString()).contains("Commands:");
  }

  @Test
  void suggestsTheOptionThatWasMeant() {
    assertThat(run("run", "x.yaml", "--sever", "http://h")).isEqualTo(2);
    assertThat(err.toString()).contains("Unknown option").contains("--server");
  }

  @Test
  void suggestsTheCommandThatWasMeant() {
    assertThat(run("validat")).isEqualTo(2);
    assertThat(err.toString()).contains("validate");
  }

  @Test
  void refusesAnUnknownRole() {
    assertThat(run("--mode=sevrer")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "noetl: Expected --mode server, publisher, projector, system-pool, worker or all, but"
                + " got 'sevrer'\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--mode=system", "--mode=system-pool", "system", "system-pool"})
  void theSystemPoolHasTwoNames(String word) {
    assertThat(run(word)).isEqualTo(2);

    assertThat(asked).containsExactly("SYSTEM_POOL");
    assertThat(err.toString()).isEqualTo("noetl: bus.url is not set\n");
  }

  @Test
  void versionSaysBuildAndSchema() {
    assertThat(run("version")).isZero();
    assertThat(out.toString()).matches("(?s)noetl \\S+ \\(commit \\S+, schema version \\d+, .*");
    assertThat(run("--version")).isZero();
  }

  @Test
  void printsSettingsWithTheirSourceAndWithoutSecrets() {
    assertThat(
            run(
                "print-config",
                "-Ddatabase.password=canary",
                "-D",
                "server.port=9000",
                "-Dbus.url=nats://a:b@h:1"))
        .isZero();

    assertThat(out.toString())
        .contains("# flag server.port\nserver.port=9000\n")
        .contains("# default\nserver.host=127.0.0.1\n")
        .contains("database.password=********\n")
        .contains("bus.url=nats://********@h:1\n")
        .doesNotContain("canary");
  }

  @Test
  void printsSettingsForTheRoleInsteadOfStartingIt() {
    assertThat(run("--mode=worker", "--print-config", "-Dworker.slots=3")).isZero();

    assertThat(out.toString()).contains("worker.slots=3");
    assertThat(asked).isEmpty();
  }

  @Test
  void refusesSettingsThatNobodyKnows() {
    assertThat(run("print-config", "-D", "sever.port=1")).isEqualTo(2);
    assertThat(err.toString())
        .contains("noetl: Configuration: 1 fault\n  flag sever.port: Expected a known key (did you")
        .contains("mean server.port?)");
  }

  @Test
  void validateShowsEveryFaultWithItsPlace() throws Exception {
    Path good = Files.writeString(folder.resolve("good.yaml"), VALID);
    Path bad = Files.writeString(folder.resolve("bad.yaml"), INVALID);

    assertThat(run("validate", good.toString())).isZero();
    assertThat(out.toString()).isEqualTo(good + ": valid, 1 step\n");
    assertThat(run("validate", good.toString(), bad.toString())).isEqualTo(1);
    assertThat(out.toString()).endsWith(bad + ": invalid, 1 error\n");
    assertThat(err.toString()).contains(bad + ":7:").contains("shuot");
  }

  @Test
  void validateWritesJsonForPrograms() throws Exception {
    Path bad = Files.writeString(folder.resolve("bad.yaml"), INVALID);

    assertThat(run("validate", "-o", "json", bad.toString())).isEqualTo(1);

    Map<String, Object> report = Json.parseObject(out.toString());
    assertThat(report).containsEntry("valid", false);
    assertThat(report.get("files").toString()).contains("line=7", "shuot");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void validateRefusesAFileThatIsNotThere() {
    assertThat(run("validate", "/no/such.yaml")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("noetl: Expected to read /no/such.yaml, but there is no such file\n");
  }

  @Test
  void chaosSaysWhichFaultsThereAre() {
    assertThat(run("chaos", "--faults", "kill-worker,flood")).isEqualTo(2);

    assertThat(err.toString())
        .contains("Expected --faults kill-server, kill-worker, ")
        .contains("database-full, but got 'flood'");
  }

  @Test
  void chaosWantsANatsServer() {
    assertThat(run("chaos", "--nats-server", "/nowhere/nats-server")).isEqualTo(2);

    assertThat(err.toString())
        .contains(
            "Expected --nats-server to be a nats-server of 2.10.27 or newer, but"
                + " /nowhere/nats-server is not");
  }

  @Test
  void migrateWantsTheAddressOfADatabase() {
    assertThat(run("migrate")).isEqualTo(2);
    assertThat(err.toString()).contains("set POSTGRES_HOST");
  }

  @Test
  void runShowsProgressAndPrintsTheResult() throws Exception {
    try (FakeServer server = new FakeServer()) {
      Path file = Files.writeString(folder.resolve("demo.yaml"), VALID);

      assertThat(run("run", file.toString(), "--set", "a=1", "--server", server.base().toString()))
          .isZero();

      assertThat(out.toString()).isEqualTo("{\"n\":1}\n");
      assertThat(err.toString())
          .startsWith("examples/demo version 3, execution 42\n")
          .contains("✓ start  12 ms\n")
          .endsWith("COMPLETED in 1 m 33 s\n");
      assertThat(server.requests.get(1))
          .isEqualTo("POST /api/execute {\"catalog_id\":\"77\",\"payload\":{\"a\":1}}");
    }
  }

  @Test
  void runStartsEveryRoleWhenThereIsNoServer() throws Exception {
    try (FakeServer server = new FakeServer()) {
      embeddedAt = server.base();
      Path file = Files.writeString(folder.resolve("demo.yaml"), VALID);

      assertThat(run("run", file.toString(), "--bus", "memory", "--data", folder.toString()))
          .isZero();

      assertThat(asked).containsExactly("start port=0 bus=MEMORY data=" + folder, "close");
    }
  }

  @Test
  void runEndsWithOneWhenTheExecutionFails() throws Exception {
    try (FakeServer server = new FakeServer()) {
      server.status = "FAILED";
      server.execution = Map.of("status", "FAILED", "error", "step right: division by zero");
      Path file = Files.writeString(folder.resolve("demo.yaml"), VALID);

      assertThat(run("run", file.toString(), "--server", server.base().toString())).isEqualTo(1);

      assertThat(out.toString()).isEmpty();
      assertThat(err.toString()).contains("FAILED in").endsWith("step right: division by zero\n");
    }
  }

  @Test
  void runWritesOneJsonDocumentForPrograms() throws Exception {
    try (FakeServer server = new FakeServer()) {
      Path file = Files.writeString(folder.resolve("demo.yaml"), VALID);

      assertThat(run("run", file.toString(), "-o", "json", "--server", server.base().toString()))
          .isZero();

      Map<String, Object> document = Json.parseObject(out.toString());
      assertThat(document)
          .containsOnlyKeys("execution_id", "status", "result", "error", "steps")
          .containsEntry("execution_id", "42")
          .containsEntry("status", "COMPLETED")
          .containsEntry("result", Map.of("n", 1L))
          .containsEntry("error", null);
      assertThat((List<?>) document.get("steps")).hasSize(7);
      assertThat(err.toString()).isEmpty();
    }
  }

  @Test
  void runShowsEveryFaultThatTheServerNames() throws Exception {
    try (FakeServer server = new FakeServer()) {
      server.registerStatus = 422;
      server.registerReply =
          """
          {"error":"the playbook has 2 faults","status":422,"code":"invalid","errors":[
            {"path":"workflow[0]","line":5,"message":"no tool"},{"path":"","message":"no name"}]}\
          """;
      Path file = Files.writeString(folder.resolve("demo.yaml"), VALID);

      assertThat(run("run", file.toString(), "--server", server.base().toString())).isEqualTo(2);

      assertThat(err.toString())
          .isEqualTo(
              "noetl: the playbook has 2 faults\n  line 5: workflow[0]: no tool\n  no name\n");
    }
  }

  @Test
  void runRefusesAnInvalidPlaybookBeforeItStartsAnything() throws Exception {
    Path file = Files.writeString(folder.resolve("bad.yaml"), INVALID);

    assertThat(run("run", file.toString())).isEqualTo(2);

    assertThat(asked).isEmpty();
    assertThat(err.toString()).contains("shuot").contains("has 1 error");
  }

  @Test
  void runSaysThatTheServerIsOutOfReach() throws Exception {
    URI gone;
    try (FakeServer server = new FakeServer()) {
      gone = server.base();
    }
    Path file = Files.writeString(folder.resolve("demo.yaml"), VALID);

    assertThat(run("run", file.toString(), "--server", gone.toString())).isEqualTo(2);

    assertThat(err.toString())
        .isEqualTo(
            "noetl: Expected a noetl server at "
                + gone
                + ", but nothing listens there. Is it running (noetl up)?\n");
  }

  @Test
  void upSaysWhereItListensAndWhatToDoNext() {
    StringWriter said = new StringWriter();
    UpCommand.say(
        new PrintWriter(said),
        URI.create("http://127.0.0.1:8082"),
        NoetlConfig.defaults(),
        new Runtime());

    assertThat(said.toString())
        .contains("API    http://127.0.0.1:8082\n")
        .contains("data   " + Path.of(".noetl").toAbsolutePath())
        .contains("PostgreSQL of its own")
        .contains("noetl run docs/examples/hello.yaml --server http://127.0.0.1:8082")
        .contains("Ctrl-C stops it");
  }

  private int run(String... arguments) {
    Roles roles =
        new Roles() {
          @Override
          public Lifecycle role(Mode mode, NoetlConfig config) {
            asked.add(mode.name());
            throw new IllegalArgumentException("bus.url is not set");
          }

          @Override
          public EmbeddedRuntime embedded() {
            return new Runtime();
          }
        };
    Cli cli =
        new Cli(
            roles,
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            new Terminal(false, false, 100));
    return NoetlCommand.execute(cli, arguments);
  }

  private final class Runtime implements EmbeddedRuntime {
    @Override
    public URI start(NoetlConfig config) {
      asked.add(
          "start port="
              + config.server().port()
              + " bus="
              + config.bus().mode()
              + " data="
              + config.data().folder());
      return embeddedAt;
    }

    @Override
    public List<String> facts() {
      return List.of("PostgreSQL of its own");
    }

    @Override
    public void close() {
      asked.add("close");
    }
  }
}
