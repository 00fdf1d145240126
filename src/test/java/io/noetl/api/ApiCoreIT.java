package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The way of one execution through the routes, as a worker and a user drive it. */
class ApiCoreIT {
  private static RunningServer running;
  private static Client client;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN, Playbooks.INSTANT);
    client = running.client();
  }

  @AfterAll
  static void stop() {
    Invariants.check(running.database().config());
    running.close();
  }

  @Test
  void runsAnExecutionFromStartToResult() {
    Client.Answer started =
        client.post("/api/execute", "{\"path\":\"wire/chain\",\"payload\":{\"name\":\"Ada\"}}");
    assertThat(started.status()).isEqualTo(200);
    assertThat(started.body())
        .containsEntry("status", "started")
        .containsEntry("commands_generated", 1L)
        .containsEntry("path", "wire/chain")
        .containsEntry("name", "chain");
    String execution = started.text("execution_id");

    String first = client.command(execution, "start");
    Client.Answer claim = client.claim(first, "w1");
    assertThat(claim.body())
        .containsEntry("status", "ok")
        .containsEntry("command_id", first)
        .containsEntry("execution_id", execution)
        .containsEntry("node_name", "start")
        .containsEntry("action", "python")
        .containsEntry("attempt", 1L)
        .containsEntry("fence", 1L)
        .containsEntry("lease_seconds", 30L)
        .containsKeys("context", "lease_until", "claimed_at", "meta");
    assertThat(client.claim(first, "w1").text("fence")).isEqualTo("1");
    assertThat(client.claim(first, "w2").status()).isEqualTo(409);
    assertThat(client.claim(first, "w2").body())
        .containsEntry("code", "lease_active")
        .containsEntry("claimed_by", "w1");

    Client.Answer report =
        client.post(
            "/api/events",
            """
            {"event_type":"command.completed","execution_id":"%s","command_id":"%s",
             "worker_id":"w1","meta":{"fence":1,"attempt":1,"claimed_at":"%s"},
             "context":{"result":{"status":"success","data":{"n":1}}},
             "take":{"worker_id":"w1","pool":"shared","max":2}}
            """
                .formatted(execution, first, claim.text("claimed_at")));
    assertThat(report.body()).containsEntry("status", "ok").containsEntry("commands_generated", 1L);
    assertThat(report.text("commands.0.node_name")).isEqualTo("second");
    assertThat(report.text("commands.0.fence")).isEqualTo("1");
    String second = report.text("commands.0.command_id");

    client.report(execution, second, 1, "{\"n\":2}").ok();

    Client.Answer done = client.get("/api/executions/" + execution).ok();
    assertThat(done.body())
        .containsEntry("status", "COMPLETED")
        .containsEntry("progress", 100L)
        .containsEntry("events_included", true)
        .containsEntry("result", Map.of("answer", 2L));
    assertThat(done.at("workload")).isEqualTo(Map.of("name", "Ada"));
    assertThat(done.text("events.0.event_type")).isEqualTo("playbook_started");

    Client.Answer status = client.get("/api/executions/" + execution + "/status").ok();
    assertThat(status.body())
        .containsEntry("completed", true)
        .containsEntry("failed", false)
        .containsEntry("completion_inferred", false)
        .containsEntry("completed_steps", java.util.List.of("start", "second", "end"));
  }

  @Test
  void answersARetriedReportAsDuplicateWithTheSameClaims() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "w9").ok();
    String report =
        """
        {"event_type":"command.completed","execution_id":"%s","command_id":"%s","worker_id":"w9",
         "meta":{"fence":1},"context":{"result":{"status":"success","data":{"n":1}}},
         "take":{"worker_id":"w9","pool":"shared","max":1}}
        """
            .formatted(execution, command);

    Client.Answer first = client.post("/api/events", report).ok();
    Client.Answer again = client.post("/api/events", report).ok();

    assertThat(again.body())
        .containsEntry("duplicate", true)
        .containsEntry("event_id", first.text("event_id"));
    assertThat(again.text("commands.0.command_id")).isEqualTo(first.text("commands.0.command_id"));
    assertThat(again.text("commands.0.fence")).isEqualTo(first.text("commands.0.fence"));
  }

  @Test
  void seesAnExecutionAtOnceAfterItsStart() {
    String execution = client.execute("wire/instant");

    Client.Answer read = client.get("/api/executions/" + execution);

    assertThat(read.status()).isEqualTo(200);
    assertThat(read.body()).containsEntry("status", "COMPLETED");
  }
}
