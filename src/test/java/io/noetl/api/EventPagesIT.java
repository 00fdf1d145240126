package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestPostgres;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EventPagesIT {
  private static final ApiLimits FEW_EMBEDDED =
      new ApiLimits(
          2 << 20,
          2 << 20,
          2 << 20,
          2 << 20,
          100_000,
          16_384,
          64 << 20,
          2_000,
          2 << 20,
          2 << 20,
          100,
          1_000,
          500,
          8,
          1_000,
          Duration.ofSeconds(5),
          10,
          50,
          Duration.ofSeconds(30),
          Duration.ofSeconds(15));
  private static Database database;
  private static ServerParts server;
  private static Client client;
  private static String execution;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
    server =
        new ServerParts(
            database,
            1,
            ServerParts.config(FEW_EMBEDDED),
            new OpenAccess(ServerParts.INTERNAL_TOKEN));
    client = server.client();
    client.register(Playbooks.CHAIN);
    execution = client.execute("wire/chain");
    client.claim(client.command(execution, "start"), "w1").ok();
    client
        .post(
            "/api/events",
            """
            {"execution_id":"%s","event_type":"call.error","step":"start","command_id":"%s",
             "worker_id":"w1","meta":{"fence":1},"context":{"error":"first try failed"}}
            """
                .formatted(execution, client.command(execution, "start")))
        .ok();
    String note = "{\"event_type\":\"my.note\",\"informative\":%s}";
    List<String> notes = new ArrayList<>();
    for (int i = 0; i < 22; i++) {
      notes.add(note.formatted(i % 2 == 0));
    }
    client
        .post(
            "/api/events/batch",
            "{\"execution_id\":\"" + execution + "\",\"events\":[" + String.join(",", notes) + "]}")
        .ok();
  }

  @AfterAll
  static void stop() {
    Invariants.check(database.config());
    server.close();
    database.close();
  }

  private static Client.Answer page(String query) {
    return client.get("/api/executions/" + execution + "/events" + query).ok();
  }

  private static List<Object> seqs(Client.Answer page) {
    List<Object> seqs = new ArrayList<>();
    for (Object event : (List<?>) page.at("events")) {
      seqs.add(((Map<?, ?>) event).get("seq"));
    }
    return seqs;
  }

  @Test
  void pagesThroughAllEventsOnce() {
    Client.Answer first = page("?page_size=10&include=all");
    Client.Answer second = page("?page=2&page_size=10&include=all");
    Client.Answer third = page("?page=3&page_size=10&include=all");

    assertThat(seqs(first)).startsWith(1L).hasSize(10);
    assertThat(seqs(second)).startsWith(11L).hasSize(10);
    assertThat(seqs(third)).startsWith(21L).hasSize(5);
    assertThat(first.at("pagination"))
        .isEqualTo(
            Map.of(
                "page", 1L,
                "page_size", 10L,
                "total_events", 25L,
                "total_pages", 3L,
                "has_next", true,
                "has_prev", false));
    assertThat(third.at("pagination.has_next")).isEqualTo(false);
    Client.Answer onwards = page("?page_size=10&include=all&cursor=" + first.text("next_cursor"));
    assertThat(seqs(onwards)).isEqualTo(seqs(second));
  }

  @Test
  void leavesOutWhatIsNotInformativeUnlessAllIsAskedFor() {
    assertThat(seqs(page("?page_size=500"))).hasSize(14);
    assertThat(seqs(page("?page_size=500&include=all"))).hasSize(25);
  }

  @Test
  void findsEventsOfOneType() {
    Client.Answer errors = page("?event_type=call.error");

    assertThat(seqs(errors)).containsExactly(3L);
    assertThat(errors.text("events.0.error")).isEqualTo("first try failed");
    assertThat(errors.text("events.0.result.context.error")).isEqualTo("first try failed");
    assertThat(errors.at("pagination.total_events")).isEqualTo(1L);
  }

  @Test
  void embedsTheNewestEventsAndEveryFailure() {
    Client.Answer read = client.get("/api/executions/" + execution).ok();

    assertThat(seqs(read)).startsWith(3L, 18L).endsWith(25L).hasSize(9);
    assertThat(read.body())
        .containsEntry("events_included", false)
        .containsEntry("events_endpoint", "/api/executions/" + execution + "/events");
  }

  @Test
  void readsTheSameFromTheOutboxAndFromTheLog() throws Exception {
    Client.Answer before = page("?page_size=500&include=all");
    database.autocommit(
        Database.Pool.READ,
        connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.execute(
                """
                with moved as (delete from noetl.event_outbox where execution_id = %s and seq <= 12
                  returning execution_id, seq, event_id, event_type, tenant_id, payload, created_at)
                insert into noetl.event (execution_id, seq, event_id, event_type, tenant_id, payload,
                  created_at) select * from moved
                """
                    .formatted(execution));
          }
        });

    assertThat(page("?page_size=500&include=all").text()).isEqualTo(before.text());
  }
}
