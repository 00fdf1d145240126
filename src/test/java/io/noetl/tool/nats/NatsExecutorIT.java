package io.noetl.tool.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import io.noetl.tool.Calls;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Section 9.10, against a real server. */
@Timeout(60)
class NatsExecutorIT {
  private static NatsServer server;
  private NatsExecutor executor;

  @BeforeAll
  static void startServer() throws Exception {
    server = NatsServers.start();
    use(
        server.url(),
        connection -> {
          for (String bucket : List.of("b", "keys")) {
            connection
                .keyValueManagement()
                .create(
                    KeyValueConfiguration.builder(bucket).storageType(StorageType.Memory).build());
          }
          connection
              .objectStoreManagement()
              .create(ObjectStoreConfiguration.builder("files").build());
          for (String stream : List.of("orders", "queue", "NOETL_EVENTS")) {
            connection
                .jetStreamManagement()
                .addStream(
                    StreamConfiguration.builder()
                        .name(stream)
                        .subjects(stream + ".>")
                        .storageType(StorageType.Memory)
                        .build());
          }
        });
  }

  @FunctionalInterface
  private interface Use {
    void with(Connection connection) throws Exception;
  }

  private static void use(String url, Use use) throws Exception {
    Connection connection = Nats.connect(url);
    try {
      use.with(connection);
    } finally {
      connection.close();
    }
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void start() {
    executor =
        new NatsExecutor(
            NatsSettings.DEFAULT.withReserved(Set.of("NOETL_EVENTS"), List.of("noetl.events.")),
            Credentials.NONE);
  }

  @AfterEach
  void stop() {
    executor.close();
  }

  private Outcome run(String operation, @Nullable Object... fields) throws InterruptedException {
    return run(executor, server.url(), operation, fields);
  }

  private static Outcome run(
      NatsExecutor executor, String url, String operation, @Nullable Object... fields)
      throws InterruptedException {
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    all.put("operation", operation);
    all.put("url", url);
    for (int i = 0; i < fields.length; i += 2) {
      all.put(String.valueOf(fields[i]), fields[i + 1]);
    }
    return executor.run(Calls.of(ToolKind.NATS, all));
  }

  @SuppressWarnings("unchecked") // data of this tool is always a map
  private static Map<Object, Object> data(Outcome outcome) {
    assertThat(outcome.error()).isNull();
    assertThat(outcome.status()).isEqualTo(Status.SUCCESS);
    return (Map<Object, Object>) outcome.data();
  }

  private static Map<String, @Nullable Object> refused(Outcome outcome, String... words) {
    assertThat(outcome.hard()).as("%s", outcome).isTrue();
    for (String word : words) {
      assertThat(String.valueOf(outcome.error().get("message"))).contains(word);
    }
    return outcome.error();
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.yield();
    }
  }

  @Test
  @DisplayName("E35: a value is put, read and deleted; one that is not there is no error")
  void aValueIsPutReadAndDeleted() throws Exception {
    Map<?, ?> put = data(run("kv_put", "bucket", "b", "key", "k", "value", Map.of("a", 1L)));
    assertThat(put.get("revision")).isInstanceOf(Long.class);
    assertThat(put.keySet()).hasToString("[status, bucket, key, revision]");
    assertThat(put.get("status")).isEqualTo("success");

    assertThat(data(run("kv_get", "bucket", "b", "key", "k")))
        .isEqualTo(
            Map.of("status", "success", "bucket", "b", "key", "k", "value", Map.of("a", 1L)));

    assertThat(data(run("kv_delete", "bucket", "b", "key", "k")))
        .isEqualTo(Map.of("status", "success", "bucket", "b", "key", "k"));
    Map<?, ?> gone = data(run("kv_get", "bucket", "b", "key", "k"));
    assertThat(gone.get("status")).isEqualTo("not_found");
    assertThat(gone.containsKey("value")).isTrue();
    assertThat(gone.get("value")).isNull();
  }

  @Test
  void valuesThatAreNoJsonAreText() throws Exception {
    run("kv_put", "bucket", "b", "key", "text", "value", "plain {");
    run("kv_put", "bucket", "b", "key", "null", "value", null);
    run("kv_put", "bucket", "b", "key", "number", "value", 7L);

    assertThat(data(run("kv_get", "bucket", "b", "key", "text")).get("value")).isEqualTo("plain {");
    assertThat(data(run("kv_get", "bucket", "b", "key", "number")).get("value")).isEqualTo(7L);
    Map<?, ?> none = data(run("kv_get", "bucket", "b", "key", "null"));
    assertThat(none.get("status")).isEqualTo("success");
    assertThat(none.get("value")).isNull();
    refused(run("kv_put", "bucket", "b", "key", "k"), "missing field 'value'");
  }

  @Test
  void aPurgedKeyIsGoneAndKeysAreListedByPattern() throws Exception {
    for (String key : List.of("user.1", "user.2", "order.1")) {
      run("kv_put", "bucket", "keys", "key", key, "value", "x");
    }
    run("kv_put", "bucket", "keys", "key", "user.3", "value", "x");
    data(run("kv_purge", "bucket", "keys", "key", "user.3"));

    assertThat(data(run("kv_keys", "bucket", "keys")))
        .isEqualTo(
            Map.of(
                "status",
                "success",
                "bucket",
                "keys",
                "keys",
                List.of("order.1", "user.1", "user.2"),
                "count",
                3L));
    assertThat(data(run("kv_keys", "bucket", "keys", "pattern", "user.*")).get("count"))
        .isEqualTo(2L);
    assertThat(data(run("kv_keys", "bucket", "keys", "pattern", "*.1")).get("count")).isEqualTo(2L);
    assertThat(data(run("kv_keys", "bucket", "keys", "pattern", "user.>")).get("count"))
        .isEqualTo(2L);
    try (NatsExecutor small =
        new NatsExecutor(NatsSettings.DEFAULT.withSizes(10, 2, 10), Credentials.NONE)) {
      assertThat(refused(run(small, server.url(), "kv_keys", "bucket", "keys"), "nats.max-keys"))
          .containsEntry("kind", "limit");
    }
  }

  @Test
  void aTimeToLiveThatTheServerDoesNotKnowIsSaid() throws Exception {
    // Servers of 2.10 have none, newer ones only where the bucket allows it.
    Outcome outcome = run("kv_put", "bucket", "b", "key", "t", "value", "x", "ttl", "10s");

    if (!outcome.succeeded()) {
      refused(outcome, "kv_put", "bucket=b");
    } else {
      assertThat(data(outcome)).containsKey("revision");
    }
  }

  @Test
  void objectsAreStoredInEveryEncoding() throws Exception {
    assertThat(
            data(
                run(
                    "object_put",
                    "bucket",
                    "files",
                    "name",
                    "a.txt",
                    "data",
                    "žluť",
                    "description",
                    "a colour")))
        .isEqualTo(Map.of("status", "success", "bucket", "files", "name", "a.txt", "size", 6L));
    run("object_put", "bucket", "files", "name", "b", "data", "/w==", "encoding", "base64");
    run("object_put", "bucket", "files", "name", "c", "data", Map.of("n", 1L));

    assertThat(data(run("object_get", "bucket", "files", "name", "a.txt")))
        .isEqualTo(
            Map.of(
                "status", "success", "bucket", "files", "name", "a.txt", "data", "žluť", "size",
                6L));
    assertThat(
            data(run("object_get", "bucket", "files", "name", "b", "encoding", "base64"))
                .get("data"))
        .isEqualTo("/w==");
    assertThat(
            data(run("object_get", "bucket", "files", "name", "c", "encoding", "json")).get("data"))
        .isEqualTo(Map.of("n", 1L));
    refused(run("object_get", "bucket", "files", "name", "b"), "UTF-8", "base64");
    assertThat(data(run("object_info", "bucket", "files", "name", "a.txt")))
        .isEqualTo(
            Map.of(
                "status",
                "success",
                "bucket",
                "files",
                "name",
                "a.txt",
                "size",
                6L,
                "description",
                "a colour",
                "chunks",
                1L));
    Map<?, ?> list = data(run("object_list", "bucket", "files"));
    assertThat(list.get("count")).isEqualTo(3L);
    assertThat((List<?>) list.get("objects")).hasSize(3);
    assertThat(data(run("object_delete", "bucket", "files", "name", "b")))
        .isEqualTo(Map.of("status", "success", "bucket", "files", "name", "b"));
    assertThat(refused(run("object_get", "bucket", "files", "name", "b"), "'b' not found"))
        .containsEntry("kind", "not_found");
    assertThat(refused(run("object_info", "bucket", "files", "name", "no"), "'no' not found"))
        .containsEntry("kind", "not_found");
  }

  @Test
  void anObjectAboveTheLimitIsRefused() throws Exception {
    data(run("object_put", "bucket", "files", "name", "big", "data", "x".repeat(100)));
    try (NatsExecutor small =
        new NatsExecutor(NatsSettings.DEFAULT.withSizes(10, 10, 99), Credentials.NONE)) {
      refused(
          run(small, server.url(), "object_get", "bucket", "files", "name", "big"),
          "at most 99 bytes (nats.object-limit), but it has 100");
      refused(
          run(
              small,
              server.url(),
              "object_put",
              "bucket",
              "files",
              "name",
              "big",
              "data",
              "x".repeat(101)),
          "at most 99 bytes (nats.object-limit), but it has 101");
    }
    data(run("object_delete", "bucket", "files", "name", "big"));
  }

  @Test
  void messagesArePublishedAndRead() throws Exception {
    Map<?, ?> first =
        data(
            run(
                "js_publish",
                "stream",
                "orders",
                "subject",
                "orders.new",
                "data",
                Map.of("id", 1L),
                "headers",
                Map.of("Nats-Msg-Id", "m1", "Trace", 5L)));
    Map<?, ?> again =
        data(
            run(
                "js_publish",
                "subject",
                "orders.new",
                "data",
                "x",
                "headers",
                Map.of("Nats-Msg-Id", "m1")));

    assertThat(first.get("stream")).isEqualTo("orders");
    assertThat(first.get("duplicate")).isEqualTo(false);
    assertThat(again.get("duplicate")).isEqualTo(true);
    assertThat(again.get("seq")).isEqualTo(first.get("seq"));
    Map<?, ?> bySequence = data(run("js_get_msg", "stream", "orders", "seq", first.get("seq")));
    assertThat(bySequence.get("data")).isEqualTo(Map.of("id", 1L));
    assertThat(bySequence.get("subject")).isEqualTo("orders.new");
    assertThat(bySequence.get("headers"))
        .isEqualTo(Map.of("Nats-Msg-Id", "m1", "Trace", "5", "Nats-Expected-Stream", "orders"));
    assertThat(
            data(run("js_get_msg", "stream", "orders", "subject", "orders.new", "last", true))
                .get("seq"))
        .isEqualTo(first.get("seq"));
    assertThat(refused(run("js_get_msg", "stream", "orders", "seq", 999L), "js_get_msg"))
        .containsEntry("kind", "not_found");
    Map<?, ?> info = data(run("js_stream_info", "stream", "orders"));
    assertThat(((Map<?, ?>) info.get("config")).get("name")).isEqualTo("orders");
    assertThat(((Map<?, ?>) info.get("state")).get("messages")).isEqualTo(1L);
  }

  @Test
  void messagesAreConsumedOnce() throws Exception {
    for (long i = 1; i <= 3; i++) {
      data(run("js_publish", "subject", "queue.jobs", "data", Map.of("n", i)));
    }

    Map<?, ?> two = data(run("js_consume", "stream", "queue", "consumer", "worker", "batch", 2L));
    assertThat(two.get("count")).isEqualTo(2L);
    assertThat(two.get("acked")).isEqualTo(true);
    Map<?, ?> message = (Map<?, ?>) ((List<?>) two.get("messages")).getFirst();
    assertThat(message.get("data")).isEqualTo(Map.of("n", 1L));
    assertThat(message.get("subject")).isEqualTo("queue.jobs");
    assertThat(message.get("stream_seq")).isEqualTo(1L);

    long start = System.nanoTime();
    Map<?, ?> rest =
        data(
            run(
                "js_consume",
                "stream",
                "queue",
                "consumer",
                "worker",
                "timeout_ms",
                30_000L,
                "ack",
                false));
    assertThat(rest.get("count")).isEqualTo(1L);
    assertThat(rest.get("acked")).isEqualTo(false);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));

    Map<?, ?> none =
        data(run("js_consume", "stream", "queue", "consumer", "worker", "timeout_ms", 200L));
    assertThat(none.get("count")).isEqualTo(0L);
    assertThat(none.get("messages")).isEqualTo(List.of());
  }

  @Test
  void aConsumerWaitsForTheFirstMessage() throws Exception {
    CompletableFuture<Outcome> waiting = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                waiting.complete(
                    run(
                        "js_consume",
                        "stream",
                        "orders",
                        "consumer",
                        "late",
                        "subject",
                        "orders.late",
                        "timeout_ms",
                        20_000L));
              } catch (InterruptedException e) {
                waiting.completeExceptionally(e);
              }
            });
    use(
        server.url(),
        connection -> {
          await(
              () ->
                  connection.jetStreamManagement().getConsumerNames("orders").contains("late")
                      && connection
                              .jetStreamManagement()
                              .getConsumerInfo("orders", "late")
                              .getNumWaiting()
                          > 0);
        });
    data(run("js_publish", "subject", "orders.late"));

    Map<Object, Object> late = data(waiting.get(20, TimeUnit.SECONDS));
    assertThat(late.get("count")).isEqualTo(1L);
    assertThat(((Map<?, ?>) ((List<?>) late.get("messages")).getFirst()).get("data")).isEqualTo("");
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    run("js_consume", "stream", "queue", "consumer", "idle", "subject", "queue.no");
                    end.complete(new AssertionError("not interrupted"));
                  } catch (InterruptedException e) {
                    end.complete(e);
                  }
                });
    use(
        server.url(),
        connection -> {
          await(() -> connection.jetStreamManagement().getConsumerNames("queue").contains("idle"));
        });

    caller.interrupt();

    assertThat(end.get(4, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
  }

  @Test
  void whatBelongsToThePlatformIsRefused() throws Exception {
    for (String operation : List.of("js_get_msg", "js_stream_info", "js_consume")) {
      refused(
          run(operation, "stream", "NOETL_EVENTS", "seq", 1L, "consumer", "c"),
          "'NOETL_EVENTS' belongs to the platform");
    }
    refused(
        run("js_publish", "subject", "noetl.events.t.1.1", "data", "x"),
        "'noetl.events.t.1.1' belongs to the platform");
    refused(
        run("js_publish", "subject", "$JS.API.STREAM.DELETE.NOETL_EVENTS", "data", ""),
        "belongs to the server");
    assertThat(data(run("js_stream_info", "stream", "orders"))).containsKey("state");
  }

  @Test
  void missingBucketsAndBadOperationsAreHardErrors() throws Exception {
    for (String operation : List.of("kv_get", "kv_delete", "kv_purge", "kv_keys")) {
      assertThat(refused(run(operation, "bucket", "nope", "key", "k"), operation, "bucket=nope"))
          .as(operation)
          .containsEntry("kind", "not_found");
    }
    refused(run("kv_put", "bucket", "nope", "key", "k", "value", 1L), "kv_put", "bucket=nope");
    refused(run("object_get", "bucket", "nope", "name", "n"), "bucket=nope");
    refused(run("object_put", "bucket", "nope", "name", "n", "data", "x"), "bucket=nope");
    refused(run("js_stream_info", "stream", "nope"), "'nope'");
    refused(run("js_publish", "subject", "nobody.listens", "data", "x"), "js_publish");
    refused(run("kv_steal", "bucket", "b"), "'kv_steal'", "kv_get, kv_put");
    refused(run("kv_get", "bucket", "b"), "missing field 'key'");
    refused(run("kv_get", "bucket", "b.c", "key", "k"), "'bucket'");
    refused(run("js_stream_info", "stream", "a.b"), "'stream'");
    refused(run("js_consume", "stream", "queue", "consumer", "c", "batch", 0L), "nats.max-batch");
    refused(executor.run(Calls.of(ToolKind.NATS, Map.of())), "missing field 'operation'");
  }

  @Test
  void aStepWithoutAConnectionIsRefused() throws Exception {
    assertThat(
            refused(
                executor.run(Calls.of(ToolKind.NATS, Map.of("operation", "kv_get"))),
                "nats step has no connection"))
        .containsEntry("kind", "configuration");
    assertThat(refused(run("kv_get", "auth", "nobody"), "Credential alias 'nobody' not found"))
        .containsEntry("kind", "credential");
    refused(run(executor, "no address at all", "kv_get", "bucket", "b", "key", "k"), "nats");
  }

  @Test
  void aServerThatCannotBeReachedIsAHardErrorThatMayPass() throws Exception {
    Map<String, @Nullable Object> error =
        refused(
            run(executor, "nats://u:hunter2@127.0.0.1:1", "kv_get", "bucket", "b", "key", "k"),
            "nats://127.0.0.1:1");

    assertThat(error).containsEntry("kind", "connection").containsEntry("retryable", true);
    assertThat(String.valueOf(error)).doesNotContain("hunter2");
  }

  @Test
  void callsOfOneIdentityShareAConnectionAndUnusedOnesAreClosed() throws Exception {
    try (NatsExecutor few =
        new NatsExecutor(
            NatsSettings.DEFAULT.withConnections(2, Duration.ofMillis(300)), Credentials.NONE)) {
      for (int i = 0; i < 5; i++) {
        data(run(few, server.url(), "kv_keys", "bucket", "keys"));
        assertThat(few.connections()).isEqualTo(1);
      }
      for (String user : List.of("a", "b", "c")) {
        data(run(few, server.url(), "kv_keys", "bucket", "keys", "user", user));
        assertThat(few.connections()).isLessThanOrEqualTo(2);
      }
      await(() -> few.connections() == 0);
      data(run(few, server.url(), "kv_keys", "bucket", "keys"));
    }
  }

  @Test
  void aCallWaitsForAConnectionWhileAllAreInUse() throws Exception {
    try (NatsExecutor one =
        new NatsExecutor(
            NatsSettings.DEFAULT.withConnections(1, Duration.ofMinutes(1)), Credentials.NONE)) {
      CompletableFuture<Outcome> holder = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  holder.complete(
                      run(
                          one,
                          server.url(),
                          "js_consume",
                          "stream",
                          "queue",
                          "consumer",
                          "holder",
                          "subject",
                          "queue.none",
                          "timeout_ms",
                          1_500L));
                } catch (InterruptedException e) {
                  holder.completeExceptionally(e);
                }
              });
      use(
          server.url(),
          connection -> {
            await(
                () ->
                    connection.jetStreamManagement().getConsumerNames("queue").contains("holder"));
          });

      Outcome tooSoon =
          run(one, server.url(), "kv_keys", "bucket", "keys", "user", "x", "timeout", "100ms");
      refused(tooSoon, "kv_keys", "0.1 s");
      assertThat(tooSoon.status()).isEqualTo(Status.TIMEOUT);
      data(run(one, server.url(), "kv_keys", "bucket", "keys", "user", "x"));
      assertThat(holder.get(20, TimeUnit.SECONDS).succeeded()).isTrue();
    }
  }

  @Test
  void aServerThatWasAwayIsConnectedAnew() throws Exception {
    try (NatsServer other = NatsServers.start()) {
      use(
          other.url(),
          connection ->
              connection.keyValueManagement().create(KeyValueConfiguration.builder("b").build()));
      data(run(executor, other.url(), "kv_put", "bucket", "b", "key", "k", "value", "v"));
      other.kill();
      assertThat(refused(run(executor, other.url(), "kv_get", "bucket", "b", "key", "k")))
          .containsEntry("retryable", true);
      other.restart();
      assertThat(data(run(executor, other.url(), "kv_get", "bucket", "b", "key", "k")).get("value"))
          .isEqualTo("v");
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsATimeout() throws Exception {
    try (NatsServer other = NatsServers.start()) {
      refused(run(executor, other.url(), "kv_get", "bucket", "b", "key", "k"), "kv_get");
      other.pause();
      Outcome outcome =
          run(executor, other.url(), "kv_get", "bucket", "b", "key", "k", "timeout", "300ms");
      assertThat(refused(outcome, "kv_get"))
          .containsEntry("kind", "timeout")
          .containsEntry("retryable", true);
    }
  }

  @Test
  void credentialsGiveAddressAndLogin() throws Exception {
    List<String> asked = new ArrayList<>();
    Credentials credentials =
        (name, identity) -> {
          asked.add(name + " for " + identity.step());
          return switch (name) {
            case "full" ->
                new Credential(
                    name,
                    "nats",
                    Map.of("nats_url", server.url(), "nats_user", "u", "nats_password", "p"));
            case "bearer" -> new Credential(name, "bearer", Map.of("token", "t"));
            case "pg" -> new Credential(name, "postgres", Map.of("db_host", "h"));
            default -> throw CredentialException.notFound(name);
          };
        };
    try (NatsExecutor own = new NatsExecutor(NatsSettings.DEFAULT, credentials)) {
      Map<String, Object> keys = Map.of("operation", "kv_keys", "bucket", "keys");
      data(own.run(Calls.with(Calls.of(ToolKind.NATS, keys), "auth", "full")));
      data(
          own.run(
              Calls.with(
                  Calls.with(Calls.of(ToolKind.NATS, keys), "auth", "bearer"),
                  "url",
                  server.url())));
      refused(
          own.run(Calls.with(Calls.of(ToolKind.NATS, keys), "auth", "pg")),
          "Credential 'pg' has unsupported type 'postgres'");
      refused(
          own.run(Calls.with(Calls.of(ToolKind.NATS, keys), "auth", "bearer")),
          "nats step has no connection");
      assertThat(asked).startsWith("full for start", "bearer for start");
    }
  }
}
