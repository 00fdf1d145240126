package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.admission.AdmissionLimits;
import io.noetl.api.Client.Answer;
import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server without projector and workers, so that its backlogs only shrink when a test says so. */
class AdmissionIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String PARENT =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: parent, path: wire/parent}
      workflow:
        - step: start
          tool: {kind: playbook, path: wire/chain}
      """;

  private Database database;
  private ServerParts server;
  private Client client;

  /** All executions that were accepted; a few more than a mark, for a sample takes its time. */
  private final Deque<String> started = new ArrayDeque<>();

  @BeforeEach
  void open() {
    database = TestPostgres.open();
  }

  @AfterEach
  void close() {
    server.close();
    database.close();
  }

  private void start(int outboxHigh, int commandsHigh) {
    server =
        new ServerParts(
            database,
            1,
            ServerParts.config(ApiLimits.DEFAULT),
            new OpenAccess(ServerParts.INTERNAL_TOKEN),
            new AdmissionLimits(outboxHigh, commandsHigh, 100, 50, Duration.ofMillis(20)));
    client = server.client();
    client.register(Playbooks.CHAIN);
    client.register(Playbooks.INSTANT);
    client.register(PARENT);
  }

  private Answer execute(Map<String, Object> body) {
    Answer answer = client.post("/api/execute", Map.copyOf(body));
    if (answer.status() == 200) {
      started.add(answer.text("execution_id"));
    }
    return answer;
  }

  private Answer refused(Map<String, Object> body) {
    Deque<Answer> last = new ArrayDeque<>();
    Waiting.until(
        PATIENCE,
        () -> last.peekLast() == null ? "no answer" : last.getLast().text(),
        () -> {
          last.add(execute(body));
          return last.getLast().status() == 429;
        });
    return last.getLast();
  }

  private void accepted(Map<String, Object> body) {
    Deque<Answer> last = new ArrayDeque<>();
    Waiting.until(
        PATIENCE,
        () -> last.getLast().text(),
        () -> {
          last.add(execute(body));
          return last.getLast().status() == 200;
        });
  }

  private void chains(int count) {
    for (int i = 0; i < count; i++) {
      execute(Map.of("path", "wire/chain")).ok();
    }
  }

  private void finishStep(String execution, String step) {
    String command = client.command(execution, step);
    client.claim(command, "w1").ok();
    client.report(execution, command, 1, "{\"n\": 1}").ok();
  }

  @Test
  void aFullPoolRefusesWhatWouldUseItAndSaysWhich() {
    start(10_000, 4);
    chains(4);

    Answer refused = refused(Map.of("path", "wire/chain"));

    assertThat(refused.text("code")).isEqualTo("overloaded");
    assertThat(refused.text("error"))
        .contains("4 commands of pool 'shared'", "admission.commands-high", "again at 2");
    assertThat(refused.header("Retry-After")).matches("[1-9]\\d?");
    assertThat(refused.text("retry_after_seconds")).isEqualTo(refused.header("Retry-After"));
  }

  @Test
  void aFullPoolIsNoMatterToOtherPools() {
    start(10_000, 4);
    chains(4);
    refused(Map.of("path", "wire/chain"));

    execute(Map.of("path", "wire/instant")).ok();
    execute(Map.of("path", "wire/chain", "execution_pool", "gpu")).ok();
    // The playbook itself sends no command; its children are work of a running execution.
    execute(Map.of("path", "wire/parent")).ok();
  }

  @Test
  void runningExecutionsGoOnAndEmptyThePool() {
    start(10_000, 4);
    chains(4);
    refused(Map.of("path", "wire/chain"));

    while (started.size() > 1) {
      String execution = started.remove();
      finishStep(execution, "start");
      finishStep(execution, "second");
      assertThat(client.get("/api/executions/" + execution).text("status")).isEqualTo("COMPLETED");
    }

    accepted(Map.of("path", "wire/chain"));
  }

  @Test
  void childrenOfRunningExecutionsAreAdmitted() {
    start(10_000, 4);
    chains(4);
    refused(Map.of("path", "wire/chain"));
    String ended = client.execute("wire/instant");

    execute(Map.of("path", "wire/chain", "parent_execution_id", started.getFirst())).ok();
    assertThat(execute(Map.of("path", "wire/chain", "parent_execution_id", ended)).status())
        .as("child of an execution that has ended")
        .isEqualTo(429);
  }

  @Test
  void aRepeatOfAnAcceptedStartIsAnsweredAsBefore() {
    start(10_000, 4);
    Map<String, Object> keyed = Map.of("path", "wire/chain", "dedup", Map.of("key", "once"));
    String first = execute(keyed).ok().text("execution_id");
    chains(3);
    refused(Map.of("path", "wire/chain"));

    Answer repeat = execute(keyed).ok();

    assertThat(repeat.text("status")).isEqualTo("duplicate");
    assertThat(repeat.text("execution_id")).isEqualTo(first);
  }

  @Test
  void aFullOutboxRefusesEveryStartButNoReport() {
    start(6, 10_000);
    String running = client.execute("wire/chain");
    chains(2);

    Answer refused = refused(Map.of("path", "wire/instant"));

    assertThat(refused.text("error")).contains("events in the outbox", "admission.outbox-high");
    finishStep(running, "start");
    finishStep(running, "second");
    assertThat(client.get("/api/executions/" + running).text("status")).isEqualTo("COMPLETED");
  }

  @Test
  void eachItemOfABatchIsAdmittedByItself() {
    start(10_000, 4);
    chains(4);
    refused(Map.of("path", "wire/chain"));

    Answer batch =
        client.post(
            "/api/execute/batch",
            """
            {"executions": [{"path": "wire/chain"}, {"path": "wire/instant"}]}
            """);

    assertThat(batch.ok().text("started")).isEqualTo("1");
    assertThat(batch.text("results.0.code")).isEqualTo("overloaded");
    assertThat(batch.text("results.0.retry_after_seconds")).matches("\\d+");
    assertThat(batch.text("results.1.status")).isEqualTo("started");
  }

  @Test
  void theMetersShowTheBacklogAndTheRefusals() {
    start(10_000, 4);
    chains(4);
    refused(Map.of("path", "wire/chain"));

    assertThat(server.meters.get("noetl.admission.refused").tag("mark", "commands").counter())
        .satisfies(counter -> assertThat(counter.count()).isPositive());
    assertThat(server.meters.get("noetl.admission.backlog").tag("mark", "commands").gauge().value())
        .isGreaterThanOrEqualTo(4);
    assertThat(
            server.meters.get("noetl.admission.overloaded").tag("mark", "commands").gauge().value())
        .isEqualTo(1);
  }
}
