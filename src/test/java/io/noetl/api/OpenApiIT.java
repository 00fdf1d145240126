package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.noetl.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract in its four forms: the router, the document, the page for people, the replies. */
class OpenApiIT {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| (GET|POST|PUT|DELETE) \\| `([^`]+)` \\| ([a-z, ]+) \\|");
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private static RunningServer running;
  private static Client client;
  private static Map<String, @Nullable Object> document;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN, Playbooks.INSTANT);
    client = running.client();
    document = client.get("/api/openapi.json").ok().body();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private static TreeSet<String> router() {
    TreeSet<String> routes = new TreeSet<>();
    for (Routes.Route route : running.server().routes.routes().all()) {
      routes.add(route.method().text() + " " + route.template());
    }
    return routes;
  }

  /** Without the mark of variables that span segments, which OpenAPI has no word for. */
  private static TreeSet<String> plain(Iterable<String> routes) {
    TreeSet<String> plain = new TreeSet<>();
    routes.forEach(route -> plain.add(route.replace("...}", "}")));
    return plain;
  }

  @Test
  void describesEveryRouteAndNoOther() {
    assertThat(new TreeSet<>(RouteDescriptions.load().routes().keySet()))
        .as("routes.txt beside RouteDescriptions")
        .isEqualTo(router());
  }

  @Test
  void servesTheRoutesOfTheRouterAndOfTheDocumentation() throws IOException {
    TreeSet<String> served = new TreeSet<>();
    ((Map<?, ?>) document.get("paths"))
        .forEach(
            (path, item) ->
                ((Map<?, ?>) item)
                    .keySet()
                    .forEach(
                        method ->
                            served.add(method.toString().toUpperCase(Locale.ROOT) + " " + path)));
    TreeSet<String> documented = new TreeSet<>();
    TreeSet<String> classes = new TreeSet<>();
    Matcher rows = ROW.matcher(Files.readString(Path.of("docs/api.md")));
    while (rows.find()) {
      documented.add(rows.group(1) + " " + rows.group(2));
      classes.add(rows.group(1) + " " + rows.group(2) + " " + rows.group(3));
    }
    TreeSet<String> contract = new TreeSet<>();
    for (Object route : (List<?>) client.get("/api/runtime/contract").ok().at("routes")) {
      Map<?, ?> entry = (Map<?, ?>) route;
      contract.add(entry.get("method") + " " + entry.get("path") + " " + entry.get("class"));
    }

    assertThat(documented).isEqualTo(router());
    assertThat(classes).isEqualTo(contract);
    assertThat(served).isEqualTo(plain(router()));
    assertThat(client.get("/openapi.json").ok().body()).isEqualTo(document);
  }

  private static List<String> faults(Schema schema, String json) {
    return schema.validate(json, InputFormat.JSON).stream().map(Error::toString).toList();
  }

  @Test
  void isAValidDocument() throws IOException {
    Schema form =
        SCHEMAS.getSchema(
            Files.readString(Path.of("src/test/resources/openapi/document.schema.json")),
            InputFormat.JSON);

    assertThat(faults(form, Json.text(document))).isEmpty();
    Schema ofSchemas =
        SCHEMAS.getSchema(
            "{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}", InputFormat.JSON);
    List<Object> schemas = new ArrayList<>();
    collect(document, schemas);
    assertThat(schemas).hasSizeGreaterThan(200);
    for (Object schema : schemas) {
      assertThat(faults(ofSchemas, Json.text(schema))).as(Json.text(schema)).isEmpty();
    }
  }

  @Test
  void pointsToTypesThatAreThere() {
    Matcher references =
        Pattern.compile("\"#/components/(\\w+)/(\\w+)\"").matcher(Json.text(document));
    TreeSet<String> used = new TreeSet<>();
    while (references.find()) {
      used.add(references.group(1) + " " + references.group(2));
    }
    TreeSet<String> made = new TreeSet<>();
    Map<?, ?> components = (Map<?, ?>) document.get("components");
    for (String kind : List.of("schemas", "responses")) {
      ((Map<?, ?>) components.get(kind)).keySet().forEach(name -> made.add(kind + " " + name));
    }
    assertThat(used).isEqualTo(made);
  }

  /** Everything under a key {@code schema} or {@code schemas}. */
  private static void collect(@Nullable Object value, List<Object> found) {
    switch (value) {
      case Map<?, ?> map ->
          map.forEach(
              (name, member) -> {
                if (name.equals("schema") && member != null) {
                  found.add(member);
                } else if (name.equals("schemas") && member instanceof Map<?, ?> types) {
                  found.addAll(types.values());
                } else {
                  collect(member, found);
                }
              });
      case List<?> list -> list.forEach(item -> collect(item, found));
      case null, default -> {}
    }
  }

  /** The schema of a reply, with the named types beside it. */
  private static Schema reply(String method, String path, int status) {
    Map<?, ?> operation =
        (Map<?, ?>) ((Map<?, ?>) ((Map<?, ?>) document.get("paths")).get(path)).get(method);
    Map<?, ?> responses = (Map<?, ?>) operation.get("responses");
    Map<?, ?> response = (Map<?, ?>) responses.get(Integer.toString(status));
    if (response == null) {
      response = Map.of("content", Map.of("application/json", Map.of("schema", problem())));
    }
    Map<?, ?> content = (Map<?, ?>) response.get("content");
    Map<String, @Nullable Object> whole = new LinkedHashMap<>();
    whole.put("allOf", List.of(((Map<?, ?>) content.get("application/json")).get("schema")));
    whole.put("$defs", ((Map<?, ?>) document.get("components")).get("schemas"));
    String local = Json.text(whole).replace("#/components/schemas/", "#/$defs/");
    return SCHEMAS.getSchema(local, InputFormat.JSON);
  }

  private static Map<String, Object> problem() {
    return Map.of("$ref", "#/components/schemas/Problem");
  }

  private static Client.Answer matching(String method, String path, Client.Answer answer) {
    assertThat(faults(reply(method, path, answer.status()), answer.text()))
        .as("%s %s: %s", method, path, answer.text())
        .isEmpty();
    return answer;
  }

  private static Client.Answer get(String path, String address) {
    return matching("get", path, client.get(address));
  }

  private static Client.Answer post(String path, String address, String body) {
    return matching("post", path, client.post(address, body));
  }

  @Test
  void answersAsItSays() {
    String execution =
        post("/api/execute", "/api/execute?wait=1ms", "{\"path\":\"wire/chain\"}")
            .ok()
            .text("execution_id");
    String one = "/api/executions/" + execution;
    String command = client.command(execution, "start");
    String commands = "/api/commands/" + command;
    post("/api/commands/{id}/claim", commands + "/claim", "{\"worker_id\":\"w1\"}").ok();
    post("/api/commands/{id}/claim", commands + "/claim", "{\"worker_id\":\"w2\"}");
    String holder = "{\"worker_id\":\"w1\",\"fence\":1}";
    post("/api/commands/{id}/heartbeat", commands + "/heartbeat", holder).ok();
    get("/api/commands/{id}", commands).ok();
    get("/api/commands", "/api/commands?execution_id=" + execution).ok();
    get("/api/executions/{id}/diagnose", one + "/diagnose").ok();
    post("/api/vars/{execution_id}", "/api/vars/" + execution, "{\"variables\":{\"a\":1}}").ok();
    get("/api/vars/{execution_id}", "/api/vars/" + execution).ok();
    get("/api/vars/{execution_id}/{name}", "/api/vars/" + execution + "/a").ok();
    matching("delete", "/api/vars/{execution_id}", client.delete("/api/vars/" + execution)).ok();
    post(
            "/api/events",
            "/api/events",
            """
            {"event_type":"command.completed","execution_id":"%s","command_id":"%s","worker_id":"w1",
             "meta":{"fence":1},"context":{"result":{"status":"success","data":1}},
             "take":{"worker_id":"w1","pool":"shared","max":1}}
            """
                .formatted(execution, command))
        .ok();
    get("/api/commands/{id}", commands).ok();
    post("/api/executions/{id}/finalize", one + "/finalize", "{\"status\":\"failed\"}").ok();
    post("/api/executions/{id}/cancel", one + "/cancel", "").ok();
    get("/api/executions/{id}", one).ok();
    get("/api/executions/{id}/status", one + "/status?full=true").ok();
    get("/api/executions/{id}/events", one + "/events").ok();
    get("/api/executions/{id}/cancellation-check", one + "/cancellation-check").ok();
    get("/api/executions", "/api/executions?limit=1").ok();
    get("/api/replay/state", "/api/replay/state?execution_id=" + execution).ok();
    post("/api/execute", "/api/execute", "{\"path\":5}");
    post("/api/execute/batch", "/api/execute/batch", "{\"executions\":[{\"path\":\"no\"}]}").ok();
    post("/api/catalog/validate", "/api/catalog/validate", "{\"content\":\"kind: x\"}").ok();
    post("/api/catalog/register", "/api/catalog/register", "{\"content\":\"kind: x\"}");
    post("/api/catalog/list", "/api/catalog/list", "").ok();
    get("/api/catalog/resource", "/api/catalog/resource?path=wire/chain").ok();
    get("/api/catalog/{path}/ui_schema", "/api/catalog/wire/chain/ui_schema").ok();
    post("/api/worker/pool/register", "/api/worker/pool/register", "{\"name\":\"w\"}").ok();
    post("/api/worker/pool/heartbeat", "/api/worker/pool/heartbeat", "{\"name\":\"w\"}").ok();
    get("/api/worker/pools", "/api/worker/pools").ok();
    get("/api/runtime/contract", "/api/runtime/contract").ok();
    get("/api/runtime/shard-info", "/api/runtime/shard-info?execution_id=5").ok();
    for (String path :
        List.of(
            "/health",
            "/readyz",
            "/version",
            "/api/health",
            "/api/plugins",
            "/api/pool/status",
            "/api/dashboard/stats",
            "/api/db/validate",
            "/api/internal/outbox/pending-count")) {
      get(path, path).ok();
    }
    get("/api/internal/scaling/{pool}", "/api/internal/scaling/shared").ok();
    for (String path : List.of("/api/internal/cleanup/purge", "/api/internal/projection/rebuild")) {
      post(path, path, "{\"dry_run\":true}").ok();
    }
  }
}
