package io.noetl.api;

import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogEntry;
import io.noetl.envelope.Scrub;
import io.noetl.json.Json;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The input of a playbook as a form for people: one field per member of its workload. */
final class UiSchemaRoutes implements Resource {
  /** Names whose values are names of credentials. */
  private static final Set<String> CREDENTIAL_NAMES = Set.of("auth", "credential", "keychain");

  /** Levels of members below members that are told. */
  private static final int MAX_DEPTH = 8;

  private final Catalog catalog;
  private final InstantSource clock;

  UiSchemaRoutes(Catalog catalog, InstantSource clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  @Override
  public void routing(Routes routes) {
    routes.get("/api/catalog/{path...}/ui_schema", AccessClass.USER, this::schema);
  }

  private Reply schema(Call call) {
    Map<String, @Nullable Object> asked = new LinkedHashMap<>();
    asked.put("path", call.path("path"));
    asked.put("version", call.query("version"));
    CatalogEntry entry = CatalogRoutes.find(catalog, call.tenant(), asked, true);
    String content = entry.content();
    if (!entry.kind().equals(CatalogEntry.PLAYBOOK) || content == null) {
      return Reply.of(
          Problems.invalid(
              "Expected " + entry.path() + " to be a Playbook, but it is a " + entry.kind()),
          call.requestId());
    }
    Map<String, @Nullable Object> document = catalog.document(content);
    Map<?, ?> metadata = document.get("metadata") instanceof Map<?, ?> map ? map : Map.of();
    Map<?, ?> workload = document.get("workload") instanceof Map<?, ?> map ? map : Map.of();
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("path", entry.path());
    out.put("version", entry.version());
    out.put("kind", entry.kind());
    out.put("title", entry.name());
    if (metadata.get("description") instanceof String description) {
      out.put("description_markdown", description);
    }
    out.put("exposed_in_ui", Boolean.TRUE.equals(metadata.get("exposed_in_ui")));
    out.put("fields", fields(workload, 1));
    out.put("generated_at", clock.instant().toString());
    return Reply.ok(out);
  }

  private static List<@Nullable Object> fields(Map<?, ?> members, int depth) {
    List<@Nullable Object> fields = new ArrayList<>();
    members.forEach((name, value) -> fields.add(field(String.valueOf(name), value, depth)));
    return fields;
  }

  private static Map<String, @Nullable Object> field(
      String name, @Nullable Object value, int depth) {
    boolean secret = secret(name);
    Map<String, @Nullable Object> field = new LinkedHashMap<>();
    field.put("name", name);
    field.put("kind", kind(value));
    field.put("default", secret ? null : Scrub.value(value));
    field.put("secret", secret);
    if (CREDENTIAL_NAMES.contains(name) || name.endsWith("_credential")) {
      field.put("credential_glob", "*");
    }
    if (value instanceof Map<?, ?> map && !map.isEmpty() && depth < MAX_DEPTH) {
      field.put("children", fields(map, depth + 1));
    }
    return field;
  }

  private static String kind(@Nullable Object value) {
    return switch (value) {
      case Long _, Integer _, java.math.BigInteger _ -> "integer";
      case null, default -> Json.typeName(value);
    };
  }

  /** Whether values under this name are hidden wherever they are shown. */
  private static boolean secret(String name) {
    return Scrub.value(Map.of(name, "x")) instanceof Map<?, ?> map
        && Scrub.REDACTED.equals(map.get(name));
  }
}
