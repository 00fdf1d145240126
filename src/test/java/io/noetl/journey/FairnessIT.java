package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.cli.CliRun;
import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.json.Json;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestClient;
import io.noetl.testing.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tenants that want the same few slots at once. What counts is not the clock but who was served
 * before whom: while one has thousands of commands waiting, another's are done.
 */
class FairnessIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int ITEMS = 1_000;

  /** Commands of the busy tenant, in thousands. */
  private static final int THOUSANDS = Integer.getInteger("noetl.test.fairness.thousands", 4);

  @TempDir private Path folder;
  private final List<Object> entries = new ArrayList<>();
  private final Map<String, TestClient> clients = new HashMap<>();
  private final Map<String, String> tokens = new HashMap<>();
  private EmbeddedRuntime runtime;

  @BeforeEach
  void start() throws Exception {
    for (String tenant : List.of("acme", "bank", "corp")) {
      CliRun made =
          CliRun.of(
              List.of("token", "new", "--subject", "s", "--tenant", tenant, "--role", "user"));
      assertThat(made.exit()).as(made.err()).isZero();
      entries.add(Json.parseObject(made.err().substring(made.err().indexOf('{'))));
      tokens.put(tenant, made.out().strip());
    }
    Files.writeString(folder.resolve("tokens.json"), Json.text(Map.of("tokens", entries)));
    boot();
    for (TestClient client : clients.values()) {
      client.register(playbook("fair/one", step("start", "")));
      client.register(
          playbook(
              "fair/many",
              step("start", "")
                  .replace(
                      "tool:",
                      "loop: {in: "
                          + IntStream.range(0, ITEMS).boxed().toList()
                          + ", iterator: item, spec: {mode: parallel, max_in_flight: 1000}},"
                          + " tool:")));
      StringBuilder chain = new StringBuilder();
      for (int i = 0; i < 200; i++) {
        chain.append(step(i == 0 ? "start" : "s" + i, i < 199 ? ", next: s" + (i + 1) : ""));
      }
      client.register(playbook("fair/chain", chain.toString()));
    }
  }

  private void boot() {
    Map<String, String> settings = new HashMap<>();
    settings.put("server.port", "0");
    settings.put("data.folder", folder.resolve("data").toString());
    settings.put("bus.mode", "memory");
    settings.put("worker.slots", "2");
    settings.put("worker.drain", "0s");
    settings.put("auth.mode", "token");
    settings.put("auth.tokens-file", folder.resolve("tokens.json").toString());
    settings.put("command.republish-after", "2s");
    runtime = new Wiring().embedded();
    String address =
        runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString();
    tokens.forEach((tenant, token) -> clients.put(tenant, TestClient.withToken(address, token)));
  }

  @AfterEach
  void stop() {
    runtime.close();
  }

  private DatabaseConfig database() {
    return Databases.embeddedIn(folder.resolve("data").resolve("postgres"));
  }

  private static String playbook(String path, String workflow) {
    return """
    apiVersion: noetl.io/v2
    kind: Playbook
    metadata: {name: fair, path: %s}
    workflow:
    """
            .formatted(path)
        + workflow;
  }

  /** A list of tools goes to a worker, also when it does nothing there. */
  private static String step(String name, String rest) {
    return "  - {step: " + name + ", tool: [{name: n, kind: noop}]" + rest + "}\n";
  }

  private long waiting(String tenant) throws SQLException {
    return Databases.count(
        database(),
        "select count(*) from noetl.command where status = 'PENDING' and tenant_id = '"
            + tenant
            + "'");
  }

  /** The longest that an execution of the tenant took. */
  private long slowest(String tenant) throws SQLException {
    return Databases.count(
        database(),
        "select max(extract(epoch from ended_at - started_at) * 1000)::bigint from noetl.execution"
            + " where tenant_id = '"
            + tenant
            + "'");
  }

  private List<String> start(String tenant, String path, int count) throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(clients.get(tenant).execute(path, Map.of()));
    }
    return ids;
  }

  private void cancelled(String tenant, List<String> ids) throws Exception {
    for (String id : ids) {
      clients.get(tenant).post("/api/executions/" + id + "/cancel", Map.of()).ok();
    }
  }

  private void ended(String tenant, List<String> ids) {
    for (String id : ids) {
      assertThat(clients.get(tenant).ended(id, PATIENCE)).containsEntry("status", "COMPLETED");
    }
  }

  @Test
  void tenCommandsAreServedWhileThousandsOfAnotherTenantWait() throws Exception {
    List<String> many = start("acme", "fair/many", THOUSANDS);
    long before = waiting("acme");

    ended("bank", start("bank", "fair/one", 10));

    long left = waiting("acme");
    assertThat(left)
        .as("of %d that waited; the slowest of bank took %d ms", before, slowest("bank"))
        .isGreaterThan(before - 1_000);
    cancelled("acme", many);
    Invariants.checkSettled(database(), PATIENCE);
  }

  @Test
  void chainsThatGoOnInTheirSlotsLetOthersIn() throws Exception {
    List<String> chains = start("acme", "fair/chain", 12);

    ended("bank", start("bank", "fair/one", 10));

    long running =
        Databases.count(
            database(),
            "select count(*) from noetl.execution where tenant_id = 'acme' and ended_at is null");
    assertThat(running).as("chains that go on").isGreaterThan(6);
    cancelled("acme", chains);
    Invariants.checkSettled(database(), PATIENCE);
  }

  @Test
  void threeTenantsGetEqualShares() throws Exception {
    Map<String, List<String>> started = new HashMap<>();
    for (String tenant : clients.keySet()) {
      started.put(tenant, start(tenant, "fair/many", 2));
    }
    Map<String, Long> begun = new HashMap<>();
    for (String tenant : clients.keySet()) {
      begun.put(tenant, waiting(tenant));
    }
    long first = waiting("bank");
    Waiting.until(
        PATIENCE,
        () -> "some of bank's are done: " + first,
        () -> {
          try {
            return waiting("bank") < first - 300;
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        });

    List<Long> served = new ArrayList<>();
    for (String tenant : clients.keySet()) {
      served.add(Objects.requireNonNull(begun.get(tenant)) - waiting(tenant));
    }
    assertThat(served).as("served of each").allMatch(count -> count > 200 && count < 400);
    for (String tenant : clients.keySet()) {
      cancelled(tenant, started.get(tenant));
    }
    Invariants.checkSettled(database(), PATIENCE);
  }

  @Test
  void nothingIsStuckWhenTheBusLosesAllHintsInBetween() throws Exception {
    List<String> many = start("acme", "fair/many", 1);
    List<String> few = start("bank", "fair/one", 10);

    runtime.close();
    boot();

    ended("bank", few);
    ended("acme", many);
    Invariants.checkSettled(database(), PATIENCE);
  }
}
