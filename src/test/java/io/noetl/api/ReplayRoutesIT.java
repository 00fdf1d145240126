package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

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
    "&projection=other,422",
    "&resolve_payloads=true,422"
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
}
