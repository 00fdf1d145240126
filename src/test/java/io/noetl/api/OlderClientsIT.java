package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What clients written for earlier servers send, kept as files, literally: {@code
 * src/test/resources/clients/*.http}. Each line of the contract about them is a test here.
 */
class OlderClientsIT {
  /** One step and nothing that would handle its failure. */
  private static final String SINGLE =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: single, path: wire/single}
      workflow:
        - step: start
          tool: {kind: python, code: "result = 1 / 0"}
      """;

  private static final Path FILES = Path.of("src/test/resources/clients");
  private static RunningServer running;
  private static Client client;
  private static String catalogId;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN, Playbooks.INSTANT, SINGLE);
    client = running.client();
    catalogId = client.get("/api/catalog/resource?path=wire/instant").ok().text("catalog_id");
  }

  @AfterAll
  static void stop() {
    Invariants.check(running.database().config());
    running.close();
  }

  /** Sends the request of a file, its {@code ${names}} replaced. */
  private static Client.Answer send(String file, Map<String, String> names) throws IOException {
    String text = Files.readString(FILES.resolve(file + ".http"));
    for (Map.Entry<String, String> name : names.entrySet()) {
      text = text.replace("${" + name.getKey() + "}", name.getValue());
    }
    int end = text.indexOf("\n\n");
    List<String> head = text.substring(0, end).lines().toList();
    String body = text.substring(end + 2).strip();
    List<String> headers = new ArrayList<>();
    for (String line : head.subList(1, head.size())) {
      headers.addAll(List.of(line.split(": ", 2)));
    }
    String[] request = head.getFirst().split(" ", 2);
    return client.send(
        request[0],
        request[1],
        body.isEmpty() ? null : body.getBytes(StandardCharsets.UTF_8),
        headers.toArray(String[]::new));
  }

  private static Client.Answer send(String file, String execution) throws IOException {
    return send(file, Map.of("execution_id", execution));
  }

  @ParameterizedTest
  @CsvSource({
    "execute_workload,hello Ada",
    "execute_payload_over_workload,hello Grace",
    "execute_nothing_else,'hello '",
    "execute_curl,'hello '"
  })
  void startsByPathOrByIdWithPayloadOrWorkloadOrNeither(String file, String greeting)
      throws IOException {
    Client.Answer started =
        send(file, Map.of("path", "wire/instant", "catalog_id", catalogId)).ok();

    Client.Answer polled = send("poll_execution", started.text("execution_id"));

    assertThat(polled.status()).isEqualTo(200);
    assertThat(polled.text("status")).isEqualTo("COMPLETED");
    assertThat(polled.text("result.greeting").strip()).isEqualTo(greeting.strip());
  }

  @Test
  void findsTheSentenceOfAFailureInTheEvents() throws IOException {
    String execution = client.execute("wire/single");
    Map<String, String> names = new LinkedHashMap<>();
    names.put("execution_id", execution);
    names.put("step", "start");
    names.put("command_id", client.command(execution, "start"));

    for (String file :
        List.of("worker_register", "worker_heartbeat", "worker_claim", "worker_started")) {
      assertThat(send(file, names).ok().text("status")).isIn("ready", "ok");
    }
    send("worker_call_error", names).ok();
    Client.Answer failed = send("worker_failed", names).ok();
    assertThat(send("worker_failed", names).ok().body())
        .containsEntry("duplicate", true)
        .containsEntry("event_id", failed.text("event_id"));
    send("worker_deregister", names).ok();

    Client.Answer polled = send("poll_execution", execution).ok();
    assertThat(polled.text("status")).isEqualTo("FAILED");
    String sentence =
        ((List<?>) polled.at("events"))
            .stream()
                .map(event -> ((Map<?, ?>) event).get("result"))
                .filter(Map.class::isInstance)
                .map(result -> ((Map<?, ?>) result).get("context"))
                .filter(Map.class::isInstance)
                .map(context -> ((Map<?, ?>) context).get("error"))
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .findFirst()
                .orElse("");
    assertThat(sentence).contains("division by zero");
  }

  @Test
  void readsStatusEventsAndWhetherToStop() throws IOException {
    String execution = client.execute("wire/chain");

    assertThat(send("status_of_execution", execution).ok().body())
        .containsEntry("completed", false)
        .containsEntry("failed", false)
        .containsEntry("completion_inferred", false)
        .containsKeys("current_step", "progress", "completed_steps", "start_time");
    assertThat(send("events_of_execution", execution).ok().map("pagination"))
        .containsEntry("page", 1L)
        .containsEntry("page_size", 100L)
        .containsEntry("has_next", false);
    assertThat(send("cancellation_check", execution).ok().body())
        .containsEntry("is_cancelled", false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cancel_with_body", "cancel_without_body"})
  void cancelsWithAndWithoutABody(String file) throws IOException {
    String execution = client.execute("wire/chain");

    assertThat(send(file, execution).ok().body()).containsEntry("status", "cancelled");

    assertThat(send("cancellation_check", execution).ok().body())
        .containsEntry("is_cancelled", true);
    assertThat(send("poll_execution", execution).ok().text("status")).isEqualTo("CANCELLED");
  }

  @ParameterizedTest
  @CsvSource({"finalize_failed,FAILED", "finalize_empty,COMPLETED"})
  void endsByHand(String file, String status) throws IOException {
    String execution = client.execute("wire/chain");

    assertThat(send(file, execution).ok().body()).containsEntry("status", "finalized");

    assertThat(send("poll_execution", execution).ok().text("status")).isEqualTo(status);
  }

  @Test
  void readsTheDataOfACredentialByItsName() throws IOException {
    String id = send("credential_create", Map.of()).ok().text("id");

    for (String file : List.of("credential_with_data", "credential_with_data_of_execution")) {
      assertThat(send(file, "329857210375012353").ok().body())
          .containsEntry("id", id)
          .containsEntry("name", "pg_local")
          .containsEntry("type", "postgres")
          .containsEntry(
              "data",
              Map.of(
                  "db_host", "db.local",
                  "db_port", 5432L,
                  "db_user", "demo",
                  "db_password", "hunter-22",
                  "db_name", "demo"));
    }
    assertThat(send("credential_plain", Map.of()).ok().body()).doesNotContainKey("data");
  }

  @ParameterizedTest
  @CsvSource({"keychain_data,data", "keychain_token_data,token_data"})
  void keepsAKeychainEntryUnderTheNameOfItsFamily(String file, String member) throws IOException {
    Map<String, String> names = Map.of("catalog_id", catalogId, "name", file);
    assertThat(send("keychain_get", names).ok().body())
        .containsEntry("status", "not_found")
        .containsEntry("expired", false);

    assertThat(send(file, names).ok().body())
        .containsEntry("status", "success")
        .containsEntry("keychain_name", file)
        .containsEntry("catalog_id", catalogId)
        .containsEntry("cache_key", file + ":" + catalogId + ":global")
        .containsKey("expires_at");

    assertThat(send("keychain_get", names).ok().body())
        .containsEntry("status", "success")
        .containsEntry(member, Map.of("access_token", "acc-1", "token_type", "Bearer"))
        .containsEntry("expired", false)
        .doesNotContainKey(member.equals("data") ? "token_data" : "data");
    send("keychain_delete", names).ok();
    assertThat(send("keychain_get", names).ok().text("status")).isEqualTo("not_found");
  }

  @Test
  void storesAResultAndResolvesItsReference() throws IOException {
    String execution = client.execute("wire/chain");

    Client.Answer stored = send("result_put", execution).ok();

    assertThat(stored.body())
        .containsEntry("scope", "execution")
        .containsKeys("store", "bytes", "sha");
    Client.Answer resolved = send("result_resolve", Map.of("ref", stored.text("ref"))).ok();
    assertThat(resolved.body())
        .isEqualTo(Map.of("rows", List.of(Map.of("id", 1L), Map.of("id", 2L)), "total", 2L));
    // The address as the libraries of most clients write it.
    String encoded = stored.text("ref").replace(":", "%3A").replace("/", "%2F");
    assertThat(send("result_resolve", Map.of("ref", encoded)).ok().body())
        .isEqualTo(resolved.body());
  }

  @Test
  void setsVariablesInThreeShapes() throws IOException {
    String execution = client.execute("wire/chain");

    for (String file : List.of("vars_list", "vars_one", "vars_map")) {
      assertThat(send(file, execution).ok().body()).containsEntry("status", "ok");
    }

    assertThat(client.get("/api/vars/" + execution).array().stream().map(v -> v.get("var_name")))
        .containsExactly("a", "b", "c", "d");
  }
}
