package io.noetl.tool.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.Calls;
import io.noetl.tool.Fields;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import io.noetl.tool.duckdb.DuckdbPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Passwords inside connection strings are told, so that they can be hidden by themselves. */
class ConnectionSecretsTest {
  private static final String DSN = "postgresql://u:p%40ss-1@127.0.0.1/d";
  private final List<String> told = new ArrayList<>();
  private final Credentials credentials = new Told();

  private final class Told implements Credentials {
    @Override
    public Credential get(String name, Identity identity) {
      return switch (name) {
        case "dsn" -> new Credential(name, "postgres", Map.of("dsn", DSN));
        case "bucket" ->
            new Credential(name, "s3", Map.of("key_id", "k", "secret", "s", "dsn", DSN));
        default -> throw CredentialException.notFound(name);
      };
    }

    @Override
    public void derived(String secret, Identity identity) {
      assertThat(identity).isEqualTo(Calls.IDENTITY);
      told.add(secret);
    }
  }

  private void connects(Map<String, ? extends @Nullable Object> fields)
      throws InterruptedException {
    PgAddresses.Target target =
        new PgAddresses(credentials)
            .of(
                ToolKind.POSTGRES,
                new Fields(ToolKind.POSTGRES, Map.copyOf(fields)),
                Calls.IDENTITY);
    assertThat(target.address().password()).isEqualTo("p@ss-1");
  }

  private void plans(ToolKind kind, Map<String, ? extends @Nullable Object> fields)
      throws InterruptedException {
    assertThat(
            DuckdbPlan.of(kind, new Fields(kind, Map.copyOf(fields)), credentials, Calls.IDENTITY))
        .isNotNull();
  }

  @Test
  void tellsThatOfACredentialAndThatOfAStep() throws Exception {
    connects(Map.of("auth", "dsn"));
    connects(Map.of("connection_string", DSN));
    connects(Map.of("dsn", "host=h user=u password='p@ss-1'"));
    connects(Map.of("auth", Map.of("type", "postgres", "dsn", DSN)));
    connects(Map.of("connection", Map.of("dsn", DSN)));

    assertThat(told).hasSize(5).containsOnly("p@ss-1");
  }

  @Test
  void tellsThatOfADatabaseToAttach() throws Exception {
    plans(ToolKind.DUCKDB, Map.of("auth", "dsn"));
    plans(ToolKind.DUCKDB, Map.of("auth", Map.of("a", "bucket", "b", "dsn")));
    plans(ToolKind.DUCKLAKE, Map.of("auth", "dsn"));

    assertThat(told).hasSize(3).containsOnly("p@ss-1");
  }

  @ParameterizedTest
  @CsvSource({
    "postgres:dbname=d user=u password=p@ss-1, p@ss-1",
    "ducklake:postgres:postgresql://u:p%40ss-1@h/d, p@ss-1",
    "postgres:dbname=d gone=x password=p@ss-1, dbname=d gone=x password=p@ss-1",
    "postgres:dbname=d user=u,",
    "/data/lake.db,"
  })
  void tellsThatOfACatalogueOrAllThatCannotBeTakenApart(String catalog, @Nullable String secret)
      throws Exception {
    plans(ToolKind.DUCKLAKE, Map.of("catalog_connection", catalog));

    assertThat(told).isEqualTo(secret == null ? List.of() : List.of(secret));
  }
}
