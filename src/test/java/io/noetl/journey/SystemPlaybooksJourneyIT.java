package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.cli.CliRun;
import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.config.NoetlConfig;
import io.noetl.json.Json;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.signature.TestKeys;
import io.noetl.testing.Databases;
import io.noetl.testing.TestClient;
import io.noetl.testing.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The system looks after itself: playbooks of its own, and the commands of operators. */
class SystemPlaybooksJourneyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String INTERNAL_TOKEN = "the-token-of-this-test";

  @TempDir private static Path folder;
  private static EmbeddedRuntime runtime;
  private static TestClient client;
  private static String address;

  @BeforeAll
  static void start() throws Exception {
    TestKeys keys = TestKeys.fresh();
    Files.writeString(folder.resolve("signers.pem"), keys.publicPem());
    Files.writeString(folder.resolve("key.pem"), keys.privatePem());
    runtime = new Wiring().embedded();
    address = runtime.start(config()).toString();
    client = new TestClient(address);
    client.register(
        """
        apiVersion: noetl.io/v2
        kind: Playbook
        metadata: {name: hello, path: look/hello}
        workflow:
          - {step: start, tool: {kind: python, code: "result = 1"}}
        """);
  }

  private static NoetlConfig config() {
    Map<String, String> settings = new HashMap<>();
    settings.put("server.port", "0");
    settings.put("data.folder", folder.toString());
    settings.put("bus.mode", "memory");
    settings.put("auth.internal-token", INTERNAL_TOKEN);
    settings.put("plugin.signers", folder.resolve("signers.pem").toString());
    settings.put("doctor.every", "1d");
    settings.put("worker.drain", "0s");
    return ConfigLoader.load(Optional.empty(), settings).config();
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  private static DatabaseConfig database() {
    return Databases.embeddedIn(folder.resolve("postgres"));
  }

  private static CliRun noetl(String... arguments) {
    return CliRun.of(List.of(arguments));
  }

  private static CliRun install(String... more) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "plugin",
                "install-system",
                "--server",
                address,
                "-D",
                "auth.internal-token=" + INTERNAL_TOKEN));
    line.addAll(List.of(more));
    return CliRun.of(line);
  }

  private static CliRun verify(String... arguments) {
    DatabaseConfig database = database();
    List<String> line = new ArrayList<>(List.of("verify"));
    line.addAll(List.of(arguments));
    line.addAll(
        List.of(
            "-D", "database.host=" + database.host(),
            "-D", "database.port=" + database.port(),
            "-D", "database.name=" + database.name(),
            "-D", "database.user=" + database.user(),
            "-D", "database.password=" + database.password().reveal()));
    return CliRun.of(line);
  }

  @Test
  void installsItsPlaybooksOnceAndTheyDoTheirWork() throws Exception {
    CliRun unsigned = install();
    assertThat(unsigned.exit()).isEqualTo(2);
    assertThat(unsigned.err()).contains("Expected a signature of module system/plugins/retention");
    CliRun first = install("--key", folder.resolve("key.pem").toString());
    assertThat(first.exit()).as(first.err()).isZero();
    assertThat(first.out())
        .contains("system/plugins/retention version 1, signed by key ", "system/doctor version 1");
    CliRun again = install("--key", folder.resolve("key.pem").toString());
    assertThat(again.out())
        .contains("system/plugins/retention version 1", "system/doctor is up to date");
    String old = client.execute("look/hello", Map.of());
    client.ended(old, PATIENCE);
    Waiting.until(
        PATIENCE,
        () -> "events stay in the outbox",
        () -> count("select count(*) from noetl.event_outbox where execution_id = " + old) == 0);
    Databases.execute(
        database(),
        "update noetl.execution set ended_at = now() - interval '40 days' where execution_id = "
            + old);

    String purge = client.execute("system/retention", Map.of("event_retention_days", 30));

    Map<String, Object> purged = result(purge);
    assertThat(purged).containsEntry("executions_purged", 1L).containsEntry("rounds", 1L);
    assertThat(client.get("/api/executions/" + old).status()).isEqualTo(404);
    String lost = client.execute("look/hello", Map.of());
    client.ended(lost, PATIENCE);
    String look = client.execute("system/doctor", Map.of("dry_run", true));
    assertThat(result(look)).containsEntry("executions", List.of());
    assertThat(result(client.execute("system/doctor", Map.of())))
        .containsEntry("broken", List.of());
  }

  @SuppressWarnings("unchecked") // a result of these playbooks is an object
  private static Map<String, Object> result(String execution) {
    Map<String, Object> ended = client.ended(execution, PATIENCE);
    assertThat(ended).containsEntry("status", "COMPLETED");
    return (Map<String, Object>) ended.get("result");
  }

  private static long count(String sql) {
    try {
      return Databases.count(database(), sql);
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void verifyAndDoctorFindDamageAndTheExecutionGoesOn() throws Exception {
    assertThat(verify("--all").exit()).as(verify("--all").out()).isZero();
    String execution = client.execute("look/hello", Map.of());
    client.ended(execution, PATIENCE);
    Databases.execute(
        database(), "update noetl.execution set steps_done = 9 where execution_id = " + execution);

    CliRun all = verify("--all", "-o", "json");
    CliRun one = verify(execution);
    assertThat(all.exit()).isEqualTo(1);
    assertThat(Json.parseObject(all.out()))
        .containsEntry("valid", false)
        .containsEntry("counts", Map.of("execution-row", 1L));
    assertThat(one.exit()).isEqualTo(1);
    assertThat(one.out()).contains("execution-row", "I3", execution, "steps_done is 9 and not 1");
    CliRun look = noetl("doctor", execution, "--server", address);
    assertThat(look.exit()).isEqualTo(1);
    assertThat(look.out()).contains("execution-row", "noetl doctor --repair " + execution);

    CliRun repaired = noetl("doctor", execution, "--repair", "--server", address);

    assertThat(repaired.exit()).as(repaired.out()).isZero();
    assertThat(repaired.out()).contains("repaired execution-row", "none is broken");
    assertThat(verify(execution).exit()).isZero();
    assertThat(noetl("doctor", "--all", "-o", "json", "--server", address).exit()).isZero();
  }

  @Test
  void saysWhatIsWrongWithTheCommandLine() {
    assertThat(noetl("verify").exit()).isEqualTo(2);
    assertThat(noetl("verify", "--all").err()).contains("POSTGRES_HOST");
    assertThat(verify("x").err()).contains("EXECUTION");
    assertThat(verify("5").err()).contains("Expected execution 5 in");
    assertThat(verify("--all", "--findings", "0").exit()).isEqualTo(2);
    assertThat(noetl("doctor", "5", "--server", address).exit()).isEqualTo(2);
    assertThat(noetl("doctor", "--server", address).exit()).isEqualTo(2);
  }
}
