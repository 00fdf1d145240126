package io.noetl.mode;

import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import io.noetl.api.HealthSource.Check;
import io.noetl.config.MetricsConfig;
import io.noetl.json.Json;
import io.noetl.metrics.Metrics;
import io.noetl.support.AddressTakenException;
import io.noetl.support.Lifecycle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Liveness, readiness and metrics of a role that has no API. */
final class OperationsServer implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(OperationsServer.class);
  private static final String SECTION = "metrics";

  private final Node node;
  private @Nullable WebServer server;

  OperationsServer(Node node) {
    this.node = node;
  }

  @Override
  public void start() {
    MetricsConfig config = node.config().metrics();
    WebServer made =
        WebServer.builder()
            .host(config.host())
            .port(config.port())
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofSeconds(1))
            .routing(
                HttpRouting.builder()
                    .get("/livez", (_, response) -> live(response))
                    .get("/health", (_, response) -> live(response))
                    .get("/readyz", (_, response) -> ready(response))
                    .get("/metrics", (_, response) -> metrics(response)))
            .build();
    AddressTakenException.check(config.host(), config.port(), SECTION);
    made.start();
    if (made.port() < 1) {
      // Somebody was quicker; the server library only logs that.
      made.stop();
      throw new AddressTakenException(
          config.host(), config.port(), SECTION, "the address is in use");
    }
    server = made;
    log.info("metrics on http://{}:{}/metrics", config.host(), made.port());
  }

  private static void live(ServerResponse response) {
    json(response, 200, Map.of("status", "ok"));
  }

  private void ready(ServerResponse response) {
    List<@Nullable Object> checks = new ArrayList<>();
    boolean ready = true;
    for (Check check : node.readiness().checks()) {
      ready &= check.ok();
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("name", check.name());
      entry.put("ok", check.ok());
      if (check.detail() != null) {
        entry.put("detail", check.detail());
      }
      checks.add(entry);
    }
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("status", ready ? "ok" : "not ready");
    body.put("mode", node.mode().word());
    body.put("checks", checks);
    json(response, ready ? 200 : 503, body);
  }

  private void metrics(ServerResponse response) {
    response.header("Content-Type", Metrics.CONTENT_TYPE);
    response.send(node.metrics().scrape());
  }

  private static void json(
      ServerResponse response, int status, Map<String, @Nullable Object> body) {
    response.status(Status.create(status));
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(Json.bytes(body));
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop();
    }
  }
}
