package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CatalogRoutesIT {
  private static RunningServer running;
  private static Client client;

  @BeforeAll
  static void start() {
    running = RunningServer.start();
    client = running.client();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private static String playbook(String path) {
    return Playbooks.INSTANT.replace("wire/instant", path);
  }

  @Test
  @Rule({"2.1", "2.2"})
  void registersTextAndBase64() {
    Client.Answer text = client.postFile("/api/catalog/register", "register_text.json", Map.of());
    Client.Answer encoded =
        client.postFile("/api/catalog/register", "register_base64.json", Map.of());

    assertThat(text.ok().body())
        .containsEntry("status", "success")
        .containsEntry("path", "wire/literal")
        .containsEntry("version", 1L)
        .containsEntry("kind", "Playbook");
    assertThat(encoded.ok().body()).containsEntry("path", "wire/encoded");
    assertThat(client.get("/api/catalog/resource?path=wire/encoded").text("content"))
        .startsWith("apiVersion: noetl.io/v2\n");
  }

  private static final String FORM =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata:
        name: form
        path: catalog/forms/one
        description: Sends a *letter*.
        exposed_in_ui: true
        agent: true
        capabilities: [letters, stamps]
      workload:
        to: Ada
        copies: 2
        scale: 1.5
        urgent: false
        tags: [a, b]
        api_key: sk-123
        db_credential: main
        nothing:
        sender: {name: Grace, address: {city: Arlington}}
      workflow:
        - step: start
          tool: {kind: noop}
      """;

  @Test
  void showsTheInputOfAPlaybookAsAForm() {
    client.register(FORM);

    Client.Answer form = client.get("/api/catalog/catalog/forms/one/ui_schema").ok();

    assertThat(form.body())
        .containsEntry("path", "catalog/forms/one")
        .containsEntry("version", 1L)
        .containsEntry("kind", "Playbook")
        .containsEntry("title", "form")
        .containsEntry("description_markdown", "Sends a *letter*.")
        .containsEntry("exposed_in_ui", true)
        .containsKey("generated_at");
    assertThat((List<?>) form.at("fields"))
        .extracting(
            field -> ((Map<?, ?>) field).get("name") + " " + ((Map<?, ?>) field).get("kind"))
        .containsExactly(
            "to string",
            "copies integer",
            "scale number",
            "urgent boolean",
            "tags array",
            "api_key string",
            "db_credential string",
            "nothing null",
            "sender object");
    assertThat(form.map("fields.0")).containsEntry("default", "Ada").containsEntry("secret", false);
    assertThat(form.map("fields.5")).containsEntry("default", null).containsEntry("secret", true);
    assertThat(form.map("fields.6")).containsEntry("credential_glob", "*");
    assertThat(form.text("fields.8.children.1.children.0.default")).isEqualTo("Arlington");
    assertThat(form.text()).doesNotContain("sk-123");
    assertThat(client.get("/api/catalog/catalog/forms/none/ui_schema").status()).isEqualTo(404);
    assertThat(client.get("/api/catalog/catalog/forms/one/ui_schema?version=9").status())
        .isEqualTo(404);
    assertThat(client.get("/api/catalog/catalog/forms/one/ui_schema?version=x").status())
        .isEqualTo(422);
  }

  @Test
  void listsWhatHasACapability() {
    client.register(FORM.replace("forms/one", "forms/able"));
    client.register(playbook("catalog/forms/plain"));

    assertThat(paths("{\"agent_only\":true}")).contains("catalog/forms/able");
    assertThat(paths("{\"agent_only\":true}")).doesNotContain("catalog/forms/plain");
    assertThat(paths("{\"capabilities\":[\"letters\",\"stamps\"],\"path\":\"catalog/forms/able\"}"))
        .containsExactly("catalog/forms/able");
    assertThat(paths("{\"capability\":\"letters\",\"capabilities\":[\"flying\"]}")).isEmpty();
    assertThat(client.post("/api/catalog/list", "{\"capabilities\":[5]}").status()).isEqualTo(422);
  }

  private static List<String> paths(String body) {
    return ((List<?>) client.post("/api/catalog/list", body).ok().at("entries"))
        .stream().map(entry -> String.valueOf(((Map<?, ?>) entry).get("path"))).toList();
  }

  @Test
  @Rule("2.2")
  void countsVersionsPerPathAndFindsThem() {
    String text = playbook("catalog/counted");
    client.register(text);
    Client.Answer second =
        client.post("/api/catalog/register", Map.of("content", text + "# again\n")).ok();
    assertThat(second.body()).containsEntry("version", 2L);

    assertThat(client.get("/api/catalog/resource?path=/catalog/counted/").at("version"))
        .isEqualTo(2L);
    assertThat(
            client
                .post("/api/catalog/resource", "{\"path\":\"catalog/counted\",\"version\":1}")
                .text("content"))
        .isEqualTo(text);
    assertThat(
            client
                .post("/api/catalog/resource", Map.of("catalog_id", second.text("catalog_id")))
                .at("version"))
        .isEqualTo(2L);
    Client.Answer raw =
        client.get("/api/catalog/resource?path=catalog/counted", "Accept", "application/yaml");
    assertThat(raw.text()).isEqualTo(text + "# again\n");
    assertThat(client.get("/api/catalog/resource?path=catalog/counted&version=3").status())
        .isEqualTo(404);
    assertThat(client.get("/api/catalog/resource?path=catalog/counted&version=0").status())
        .isEqualTo(422);
    assertThat(client.get("/api/catalog/resource").status()).isEqualTo(400);
  }

  @Test
  void givesEveryOneOfManyRegistrationsItsOwnVersion() throws Exception {
    String text = playbook("catalog/raced");
    Set<String> versions = new TreeSet<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Client.Answer>> answers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        answers.add(
            executor.submit(() -> client.post("/api/catalog/register", Map.of("content", text))));
      }
      for (Future<Client.Answer> answer : answers) {
        versions.add(answer.get().ok().text("version"));
      }
    }

    assertThat(versions).hasSize(16).contains("1", "16");
  }

  @Test
  @Rule("18.1")
  void saysEveryFaultOfAPlaybook() {
    Client.Answer answer =
        client.post(
            "/api/catalog/register",
            Map.of(
                "content",
                """
                apiVersion: noetl.io/v2
                kind: Playbook
                metadata: {name: bad}
                workflow:
                  - step: start
                    tool: {kind: telepathy}
                    next: nowhere
                """));

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body()).containsEntry("code", "invalid");
    assertThat((List<?>) answer.at("errors")).hasSizeGreaterThanOrEqualTo(2);
    assertThat(answer.map("errors.0")).containsKeys("path", "line", "column", "rule", "message");
    assertThat(client.post("/api/catalog/list", "{\"path\":\"bad\"}").at("entries"))
        .isEqualTo(List.of());
  }

  @Test
  @Rule("18.1")
  void refusesWhatIsNoYaml() {
    Client.Answer answer =
        client.post("/api/catalog/register", Map.of("content", "kind: [unclosed"));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(client.post("/api/catalog/register", "{}").status()).isEqualTo(400);
  }

  @Test
  void validatesWithoutStoring() {
    Client.Answer good =
        client.post("/api/catalog/validate", Map.of("content", playbook("catalog/checked")));
    Client.Answer bad =
        client.post("/api/catalog/validate", Map.of("content", "apiVersion: noetl.io/v2\n"));

    assertThat(good.ok().body()).containsEntry("valid", true).containsEntry("errors", List.of());
    assertThat(bad.ok().body()).containsEntry("valid", false);
    assertThat((List<?>) bad.at("errors")).isNotEmpty();
    assertThat(client.get("/api/catalog/resource?path=catalog/checked").status()).isEqualTo(404);
  }

  @Test
  void givesTheSchemaOfAPlaybook() {
    Client.Answer answer = client.get("/api/schema/playbook");

    assertThat(answer.ok().body())
        .containsEntry("$schema", "https://json-schema.org/draft/2020-12/schema")
        .containsKeys("properties", "$defs");
  }

  @Test
  void listsInPages() {
    for (int i = 0; i < 3; i++) {
      client.register(playbook("catalog/paged"));
    }

    Client.Answer first =
        client.post("/api/catalog/list", "{\"path\":\"catalog/paged\",\"limit\":2}").ok();
    Client.Answer second =
        client
            .post(
                "/api/catalog/list",
                Map.of("path", "catalog/paged", "limit", 2, "cursor", first.text("next_cursor")))
            .ok();

    assertThat(first.text("entries.0.version")).isEqualTo("3");
    assertThat(first.text("entries.0.content")).contains("catalog/paged");
    assertThat(first.header("X-Next-Cursor")).isEqualTo(first.text("next_cursor"));
    assertThat((List<?>) second.at("entries")).hasSize(1);
    assertThat(second.text("entries.0.version")).isEqualTo("1");
    assertThat(
            client
                .post("/api/catalog/list", "{\"path\":\"catalog/paged\",\"include_content\":false}")
                .at("entries.0.content"))
        .isNull();
  }

  @Test
  void archivesUnlessALiveExecutionPinsTheVersion() {
    String path = client.register(Playbooks.CHAIN.replace("wire/chain", "catalog/pinned"));
    String execution = client.execute(path);
    String named = "{\"path\":\"catalog/pinned\"}";

    Client.Answer refused = client.post("/api/catalog/delete", named);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.body())
        .containsEntry("code", "in_use")
        .containsEntry("execution_id", execution);

    client.post("/api/executions/" + execution + "/cancel", "").ok();
    Client.Answer archived = client.post("/api/catalog/delete", named).ok();
    assertThat(archived.body()).containsEntry("count", 1L);
    assertThat(archived.at("deleted.0.version")).isEqualTo(1L);
    assertThat(client.post("/api/catalog/delete", named).ok().body()).containsEntry("count", 0L);
    assertThat(client.post("/api/execute", named).status()).isEqualTo(409);
    assertThat(client.get("/api/executions/" + execution).status()).isEqualTo(200);

    client.post("/api/catalog/restore", named).ok();
    assertThat(client.post("/api/execute", named).status()).isEqualTo(200);
    assertThat(client.post("/api/catalog/delete", "{\"path\":\"no/such\"}").status())
        .isEqualTo(404);
  }
}
