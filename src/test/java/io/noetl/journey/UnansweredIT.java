package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.postgres.Database;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plug-in that the platform leaves without an answer. */
class UnansweredIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private static Path folder;

  @Test
  void aHostCallThatThePlatformDoesNotAnswerIsNoFailureOfTheStep() throws Exception {
    try (EmbeddedRuntime runtime = new Wiring().embedded()) {
      Map<String, String> settings = new HashMap<>();
      settings.put("server.port", "0");
      settings.put("data.folder", folder.toString());
      settings.put("bus.mode", "memory");
      settings.put("system-pool.lease", "1s");
      settings.put("command.sweep", "100ms");
      settings.put("plugin.host-call", "200ms");
      settings.put("plugin.interrupt-grace", "200ms");
      TestClient client =
          new TestClient(
              runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString());
      Journey.register(client);
      DatabaseConfig database = Databases.embeddedIn(folder.resolve("postgres"));
      firstCountTakesTwoSeconds(database);

      String id = client.execute("journey/plugin", Map.of("n", 3));

      assertThat(client.ended(id, PATIENCE)).containsEntry("status", "COMPLETED");
      List<String> types = client.events(id).stream().map(UnansweredIT::type).toList();
      assertThat(types).containsOnlyOnce("command.expired").doesNotContain("call.error");
      Invariants.checkSettled(database, PATIENCE);
    }
  }

  private static String type(Map<String, Object> event) {
    return String.valueOf(event.get("event_type"));
  }

  private static void firstCountTakesTwoSeconds(DatabaseConfig database) throws Exception {
    try (Connection connection = Database.open(database, "unanswered");
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          create sequence public.counts;
          create function public.stall() returns trigger language plpgsql as $$
          begin
            if nextval('public.counts') = 1 then perform pg_sleep(2); end if;
            return new;
          end $$;
          create trigger stall before insert on noetl.event_outbox for each row
            when (new.event_type = 'text.counted') execute function public.stall();
          """);
    }
  }
}
