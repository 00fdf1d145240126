package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Nats;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.noetl.config.DatabaseConfig;
import io.noetl.execution.DryRun;
import io.noetl.execution.DryRun.Book;
import io.noetl.execution.DryRun.Ending;
import io.noetl.testing.Balancer;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import io.noetl.testing.RoleProcess;
import io.noetl.testing.StoredStates;
import io.noetl.testing.TestClient;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Random playbooks on real processes: two servers, publisher, projector and two workers. Whatever
 * is done to the processes and to their messages, each execution comes to what the decision core
 * and the tools alone have come to, and its state is the fold of its events.
 *
 * <p>Only playbooks whose outcome does not depend on the order in which commands end are taken;
 * {@link DryRun} tells. {@code -Dnoetl.playbooks.seed} and {@code -Dnoetl.playbooks} choose others,
 * and more.
 */
class RandomPlaybooksIT {
  private static final long SEED = Long.getLong("noetl.playbooks.seed", 20_261_124);
  private static final int PLAYBOOKS = Integer.getInteger("noetl.playbooks", 20);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Map<String, Object> PAYLOAD = Map.of("n", 2L);
  private static final List<String> VICTIMS =
      List.of("worker", "server-2", "worker-2", "server", "worker", "worker-2");

  private static final Map<Book, Ending> FORESEEN = new LinkedHashMap<>();
  private static NatsServer nats;
  private static DatabaseConfig database;
  private static Cluster cluster;
  private static Balancer balancer;
  private static TestClient client;

  @BeforeAll
  static void start() throws Exception {
    System.out.println("random playbooks of seed " + SEED);
    nats = NatsServers.start();
    database = TestPostgres.migrated();
    cluster =
        new Cluster(
            "random-playbooks",
            database,
            nats.url(),
            Map.of("command.max-attempts", "50", "worker.slots", "4"));
    RoleProcess one = cluster.role(Cluster.SERVER);
    RoleProcess two = cluster.add("server-2", Cluster.SERVER, Map.of());
    balancer = new Balancer(List.of(one.url(), two.url()));
    Map<String, String> toBoth = Map.of("worker.server-url", balancer.url());
    cluster.remove(Cluster.WORKER, Cluster.SYSTEM_POOL);
    cluster.add("worker", Cluster.WORKER, toBoth);
    cluster.add("worker-2", Cluster.WORKER, toBoth);
    cluster.roles().forEach(RoleProcess::start);
    client = new TestClient(one.url(), two.url());
    try (DryRun dryRun = new DryRun()) {
      foresee(dryRun);
    }
    cluster.ready();
    for (Book book : FORESEEN.keySet()) {
      client.register(book.yaml());
    }
  }

  private static void foresee(DryRun dryRun) throws InterruptedException {
    SplittableRandom seeds = new SplittableRandom(SEED);
    while (FORESEEN.size() < PLAYBOOKS) {
      Book book = dryRun.make("random/p" + FORESEEN.size(), seeds.nextLong());
      Ending ending = dryRun.foresee(book, PAYLOAD);
      if (ending != null) {
        FORESEEN.put(book, ending);
        // The first ones are children of the others.
        if (FORESEEN.size() <= 4) {
          dryRun.add(book);
        }
      }
    }
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    if (balancer != null) {
      balancer.close();
    }
    if (nats != null) {
      nats.close();
    }
  }

  /** Starts each once; returns the executions. */
  private static Map<Book, String> startAll(String name) {
    Map<Book, String> executions = new LinkedHashMap<>();
    for (Book book : FORESEEN.keySet()) {
      executions.put(book, client.executeOnce(book.path(), PAYLOAD, name + book.path(), PATIENCE));
    }
    return executions;
  }

  private static void assertForeseen(Map<Book, String> executions) throws Exception {
    Invariants.checkSettled(database, PATIENCE);
    for (Map.Entry<Book, String> entry : executions.entrySet()) {
      Book book = entry.getKey();
      Ending ending = Ending.of(StoredStates.of(database, Long.parseLong(entry.getValue())));
      assertThat(ending)
          .as("seed %d, execution %s of %s", SEED, entry.getValue(), book.yaml())
          .isEqualTo(FORESEEN.get(book));
      assertThat(client.execution(entry.getValue()).get("status"))
          .isEqualTo(ending.status().name());
    }
  }

  private static long count(String sql) throws Exception {
    return Databases.count(database, sql);
  }

  @Test
  void comeToWhatWasForeseenWhenNothingHappens() throws Exception {
    assertForeseen(startAll("quiet-"));
    assertThat(FORESEEN.values())
        .extracting(Ending::status)
        .as("of both sorts")
        .hasSizeGreaterThan(1);
  }

  @Test
  void comeToTheSameWhenWorkersAndServersAreKilled() throws Exception {
    Map<Book, String> executions = startAll("killed-");
    for (String name : VICTIMS) {
      Waiting.until(PATIENCE, () -> "nothing is claimed", () -> claimed() > 0 || running() == 0);
      RoleProcess victim = cluster.role(name);
      victim.kill();
      victim.start();
    }

    cluster.ready();
    assertForeseen(executions);
    assertThat(count("select count(*) from noetl.event where event_type = 'command.expired'"))
        .as("leases that ended with their worker")
        .isPositive();
  }

  private static long claimed() {
    return uncheckedCount("select count(*) from noetl.command where status = 'CLAIMED'");
  }

  private static long running() {
    return uncheckedCount("select count(*) from noetl.execution where ended_at is null");
  }

  private static long uncheckedCount(String sql) {
    try {
      return count(sql);
    } catch (Exception e) {
      throw new AssertionError(sql, e);
    }
  }

  @Test
  void comeToTheSameWhenEveryMessageAndReportComesTwice() throws Exception {
    AtomicLong doubled = new AtomicLong();
    Connection bus = Nats.connect(nats.url());
    try {
      Dispatcher again =
          bus.createDispatcher(
              message -> {
                Headers headers = message.getHeaders();
                if (headers == null || !headers.containsKey("Again")) {
                  Headers other = new Headers(headers);
                  other.put("Again", "1");
                  // Under an id of its own: the stream must take it for another message.
                  other.put("Nats-Msg-Id", "again-" + doubled.incrementAndGet());
                  bus.publish(
                      NatsMessage.builder()
                          .subject(message.getSubject())
                          .headers(other)
                          .data(message.getData())
                          .build());
                }
              });
      again.subscribe("noetl.events.>").subscribe("noetl.commands.>");
      bus.flush(Duration.ofSeconds(5));
      balancer.repeat(path -> path.startsWith("/api/events"));

      assertForeseen(startAll("twice-"));
    } finally {
      balancer.repeat(_ -> false);
      bus.close();
    }
    assertThat(doubled).as("messages").hasPositiveValue();
    assertThat(balancer.repeated()).as("reports").isPositive();
  }
}
