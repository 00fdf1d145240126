package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayRoutesIT {
  private static RunningServer running;
  private static Client client;
  private static String execution;
  private static List<?> events;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN);
    client = running.client();
    execution = client.execute("wire/chain");
    for (String step : List.of("start", "second")) {
      String command = client.command(execution, step);
      client.claim(command, "w1").ok();
      client.report(execution, command, 1, "{\"n\":2}").ok();
    }
    events = (List<?>) client.get("/api/executions/" + execution + "/events").ok().at("events");
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private static Client.Answer replay(String more) {
    return client.get("/api/replay/state?execution_id=" + execution + more);
  }

  private static Object member(int position, String name) {
    return ((Map<?, ?>) events.get(position - 1)).get(name);
  }

  @Test
  void rebuildsTheStateOfNow() {
    Client.Answer now = replay("").ok();

    assertThat(now.body())
        .containsEntry("event_count", (long) events.size())
        .containsEntry("last_event_type", "playbook.completed")
        .containsEntry("complete", true)
        .containsEntry("last_event_id", member(events.size(), "event_id"));
    assertThat(now.text("state.status")).isEqualTo("COMPLETED");
    assertThat(now.at("state.result")).isEqualTo(Map.of("answer", 2L));
    assertThat(now.text("checksum")).hasSize(64).isEqualTo(replay("").text("checksum"));
  }

  @Test
  void rebuildsTheStateOfEveryMoment() {
    for (int position = 1; position <= events.size(); position++) {
      Client.Answer byPosition = replay("&as_of_position=" + position).ok();
      Client.Answer byEvent = replay("&as_of_event_id=" + member(position, "event_id")).ok();
      Client.Answer byLimit = replay("&limit=" + position).ok();

      assertThat(byPosition.at("event_count")).isEqualTo((long) position);
      assertThat(byPosition.at("last_event_id")).isEqualTo(member(position, "event_id"));
      assertThat(byEvent.body()).isEqualTo(byPosition.body());
      assertThat(byLimit.text("checksum")).isEqualTo(byPosition.text("checksum"));
      assertThat(byLimit.at("complete")).isEqualTo(position == events.size());
    }
    assertThat(replay("&as_of_time=" + member(events.size(), "created_at")).text("checksum"))
        .isEqualTo(replay("").text("checksum"));
    assertThat(replay("&as_of_time=2020-01-01T00:00:00Z").at("event_count")).isEqualTo(0L);
    assertThat(replay("&as_of_position=1").map("state").get("status")).isEqualTo("RUNNING");
  }

  @ParameterizedTest
  @CsvSource({
    "&as_of_position=99,404",
    "&as_of_event_id=99,404",
    "&as_of_event_id=x,400",
    "&as_of_time=soon,400",
    "&as_of_time=%2B999999999-01-01T00:00:00Z,400",
    "&as_of_position=1&as_of_event_id=1,400",
    "&projection=other,422"
  })
  void refusesWhatCannotBeReplayed(String more, int status) {
    Client.Answer answer = replay(more);

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
  }

  @Test
  void wantsAnExecutionOfTheCaller() {
    assertThat(client.get("/api/replay/state").status()).isEqualTo(400);
    assertThat(client.get("/api/replay/state?execution_id=5").status()).isEqualTo(404);
  }

  private static String stored(String execution, String data) {
    return client
        .send(
            "PUT",
            "/api/result/" + execution,
            "{\"name\":\"load\",\"source_step\":\"start\",\"data\":%s}"
                .formatted(data)
                .getBytes(StandardCharsets.UTF_8),
            "Content-Type",
            "application/json")
        .ok()
        .text("ref");
  }

  private static String withReference(String data) {
    String own = client.execute("wire/chain");
    String command = client.command(own, "start");
    client.claim(command, "w1").ok();
    client
        .post(
            "/api/events",
            """
            {"event_type":"command.completed","execution_id":"%s","command_id":"%s",
             "worker_id":"w1","meta":{"fence":1},"context":{"result":{"status":"success",
             "reference":{"uri":"%s","kind":"result_ref","store":"db","bytes":%d}}}}
            """
                .formatted(own, command, stored(own, data), data.length()))
        .ok();
    return own;
  }

  private static Client.Answer resolved(String of) {
    return client.get("/api/replay/state?resolve_payloads=true&execution_id=" + of);
  }

  @Test
  void putsDataOutOfLineIntoTheState() {
    String own = withReference("{\"rows\":[1,2]}");
    String large = "x".repeat(70_000);
    client.post("/api/vars/" + own, "{\"variables\":{\"large\":\"" + large + "\"}}").ok();

    Client.Answer plain = client.get("/api/replay/state?execution_id=" + own).ok();
    Client.Answer whole = resolved(own).ok();

    assertThat(plain.at("state.steps.start.outcome.context.data")).isNull();
    assertThat(plain.body()).doesNotContainKey("unresolved");
    assertThat(whole.at("state.steps.start.outcome.context.data"))
        .isEqualTo(Map.of("rows", List.of(1L, 2L)));
    assertThat(whole.at("state.variables.large")).isEqualTo(large);
    assertThat(whole.at("unresolved")).isEqualTo(List.of());
    assertThat(whole.text("checksum")).isEqualTo(plain.text("checksum"));
  }

  @Test
  void saysWhichDataIsGoneAfterItsRetention() {
    String own = withReference("{\"rows\":[3]}");
    assertThat(purge(30, false)).isEqualTo(0L);
    client.post("/api/executions/" + own + "/cancel", "").ok();
    running.update(
        "with moved as (delete from noetl.event_outbox where execution_id = %s returning"
                .formatted(own)
            + " execution_id, seq, event_id, event_type, tenant_id, payload, created_at)"
            + " insert into noetl.event select * from moved");
    running.update(
        "update noetl.execution set ended_at = now() - interval '31 days' where execution_id = "
            + own);

    assertThat(purge(40, false)).isEqualTo(0L);
    assertThat(purge(30, true)).isEqualTo(1L);
    assertThat(purge(30, false)).isEqualTo(1L);
    assertThat(purge(30, false)).isEqualTo(0L);

    assertThat(client.get("/api/result/" + own + "/start?resolve=true").status()).isEqualTo(410);
    Client.Answer gone = resolved(own).ok();
    assertThat(gone.text("unresolved.0.reason")).contains("its time is over");
    assertThat(gone.text("unresolved.0.uri")).startsWith("noetl://");
    assertThat(gone.at("state.steps.start.outcome.reference")).isNotNull();

    client.post("/api/internal/cleanup/purge", "{\"event_retention_days\":30}").ok();
    assertThat(running.update("delete from noetl.result where execution_id = " + own)).isZero();
  }

  private static Object purge(int days, boolean onlyLook) {
    return client
        .post(
            "/api/internal/cleanup/purge",
            Map.of("result_retention_days", days, "dry_run", onlyLook))
        .ok()
        .at("results_purged");
  }
}
