package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call the internal routes of a server that listens on a loopback address. */
class InternalRoutesIT {
  private static final String TOKEN = "a-long-enough-token";
  private static final String PENDING = "/api/internal/outbox/pending-count";
  private static final String PURGE = "/api/internal/cleanup/purge";

  private static Database database;
  private static ServerParts guarded;
  private static ServerParts bare;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
    guarded = server(1, TOKEN);
    bare = server(2, "");
  }

  private static ServerParts server(int machine, String token) {
    return new ServerParts(
        database, machine, ServerParts.config(ApiLimits.DEFAULT), new OpenAccess(token));
  }

  @AfterAll
  static void stop() {
    bare.close();
    guarded.close();
    database.close();
  }

  @Test
  void servesWhoHasTheToken() {
    assertThat(guarded.client().get(PENDING, "Authorization", "Bearer " + TOKEN).ok().body())
        .containsKeys("pending", "oldest_seconds");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Bearer ", "Bearer short", "Bearer a-long-enough-token2", "Basic " + TOKEN})
  void refusesWhoHasAnother(String authorization) {
    Client.Answer refused = guarded.client().get(PENDING, "Authorization", authorization);

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body()).containsEntry("code", "forbidden").doesNotContainValue(TOKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/db/validate", PENDING, "/api/internal/scaling/shared"})
  void isNotConfiguredWithoutAToken(String path) {
    Client.Answer answer = bare.client().get(path, "Authorization", "Bearer " + TOKEN);

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body()).containsEntry("code", "not_configured");
    assertThat(answer.text("error")).contains("auth.internal-token");
    assertThat(answer.header("Retry-After")).isNotEmpty();
  }

  /** A form of a page is sent without asking first, so CORS alone protects nothing. */
  @Test
  void aPageInABrowserGetsNowhere() {
    int runtimes = staleRuntime();
    for (ServerParts server : new ServerParts[] {guarded, bare}) {
      Client.Answer sent =
          server
              .client()
              .post(
                  PURGE,
                  "{\"runtime_stale_minutes\": 1}",
                  "Origin",
                  "https://evil.example.org",
                  "Content-Type",
                  "text/plain",
                  "Authorization",
                  "");

      assertThat(sent.status()).isIn(403, 503);
    }
    assertThat(runtimes()).isEqualTo(runtimes);
  }

  private static int staleRuntime() {
    database.autocommit(
        Database.Pool.BACKGROUND,
        connection -> {
          try (var statement = connection.createStatement()) {
            return statement.executeUpdate(
                """
                insert into noetl.runtime (runtime_id, tenant_id, name, kind, status, heartbeat,
                    created_at, updated_at)
                  values (1, 'default', 'old', 'worker_pool', 'ok', 'epoch', 'epoch', 'epoch')
                """);
          }
        });
    return runtimes();
  }

  private static int runtimes() {
    return database.autocommit(
        Database.Pool.BACKGROUND,
        connection -> {
          try (var statement = connection.createStatement();
              var rows = statement.executeQuery("select count(*) from noetl.runtime")) {
            rows.next();
            return rows.getInt(1);
          }
        });
  }

  @Test
  void aShortTokenIsNoToken() {
    assertThatThrownBy(() -> new OpenAccess("short"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Expected the internal token to have at least 16 characters, but it has 5");
    assertThat(new OpenAccess(TOKEN).decide(Access.Headers.NONE, AccessClass.USER))
        .isInstanceOf(Access.Decision.Granted.class);
  }
}
