package io.noetl.bench;

import io.noetl.envelope.Ids;
import io.noetl.pool.ServerClient;
import io.noetl.pool.ServerClient.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The workloads that clients ask for through the API. */
final class ApiRuns {
  private static final String PLUGIN = "/plugin-kit/upper/upper.wasm";
  private static final int BATCH = 100;

  private final ServerClient client;
  private final List<String> open = new ArrayList<>();

  ApiRuns(ServerClient client) {
    this.client = client;
  }

  /**
   * Registers what the workload needs.
   *
   * @param clients side by side at most
   */
  Load.Run prepare(Workload workload, int clients) {
    if (workload == Workload.PLUGIN) {
      registerPlugin();
    }
    post("/api/catalog/register", Map.of("content", workload.playbook()));
    return workload == Workload.INGEST ? ingest(workload, clients) : execute(workload);
  }

  private Load.Run execute(Workload workload) {
    Map<String, @Nullable Object> body = Map.of("path", workload.path());
    return _ -> {
      Map<String, @Nullable Object> reply = post("/api/execute?wait=60s", body);
      Object execution = reply.get("execution");
      if (!(execution instanceof Map<?, ?> map) || !"COMPLETED".equals(map.get("status"))) {
        throw new BenchException("Expected the run to be COMPLETED, but got " + execution);
      }
    };
  }

  /** Each client writes about an execution of its own. */
  private Load.Run ingest(Workload workload, int clients) {
    for (int i = 0; i < clients; i++) {
      Map<String, @Nullable Object> started = post("/api/execute", Map.of("path", workload.path()));
      open.add(String.valueOf(started.get("execution_id")));
    }
    List<@Nullable Object> events = new ArrayList<>(BATCH);
    for (int i = 0; i < BATCH; i++) {
      Map<String, @Nullable Object> event = new LinkedHashMap<>();
      event.put("event_type", "bench.measured");
      event.put("payload", Map.of("n", i, "text", "a reading of some instrument, as long as most"));
      events.add(event);
    }
    return number -> {
      Map<String, @Nullable Object> body = new LinkedHashMap<>();
      body.put("execution_id", open.get(number % open.size()));
      body.put("events", events);
      post("/api/events/batch", body);
    };
  }

  /** The id of an execution with a long log: one side by side over many items. */
  long longExecution() {
    post("/api/catalog/register", Map.of("content", Workload.REPLAY.playbook()));
    Map<String, @Nullable Object> started =
        post("/api/execute?wait=60s", Map.of("path", Workload.REPLAY.path()));
    return Ids.parse(started.get("execution_id"), "execution_id");
  }

  /** Ends what the workload left running. */
  void finish() {
    for (String execution : open) {
      client.post("/api/executions/" + execution + "/cancel", Map.of());
    }
    open.clear();
  }

  private Map<String, @Nullable Object> post(String path, Map<String, @Nullable Object> body) {
    Reply reply = client.post(path, body);
    if (!reply.ok()) {
      throw new BenchException(
          "Expected " + path + " to be accepted, but got " + reply.status() + " " + reply.error());
    }
    return reply.body();
  }

  private void registerPlugin() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(client.baseUrl() + "/api/plugins/bench/upper"))
            .header("Content-Type", "application/wasm")
            .POST(HttpRequest.BodyPublishers.ofByteArray(plugin()))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> reply = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (reply.statusCode() / 100 != 2) {
        throw new BenchException("Expected the plug-in to be registered, but " + reply.body());
      }
    } catch (IOException e) {
      throw new BenchException("Expected the plug-in to be registered, but " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while the plug-in was being registered", e);
    }
  }

  private static byte[] plugin() {
    try (InputStream in = ApiRuns.class.getResourceAsStream(PLUGIN)) {
      if (in == null) {
        throw new BenchException("Expected " + PLUGIN + " in the program, but it is not there");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new BenchException("Expected to read " + PLUGIN, e);
    }
  }
}
