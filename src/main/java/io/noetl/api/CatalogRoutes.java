package io.noetl.api;

import io.noetl.catalog.Archival;
import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogEntry;
import io.noetl.catalog.Registration;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.playbook.Diagnostic;
import io.noetl.playbook.ParseResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Registered documents: store, find, check, archive. */
final class CatalogRoutes implements Resource {
  private static final String SUCCESS = "success";
  private static final String LATEST = "latest";

  /** Rows of a list that carry their text when nothing is said about it. */
  private static final int ROWS_WITH_CONTENT = 100;

  private final Catalog catalog;
  private final ApiLimits limits;

  CatalogRoutes(Catalog catalog, ApiLimits limits) {
    this.catalog = catalog;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    Bodies.Limit text = new Bodies.Limit("limits.register-body", limits.registerBytes());
    routes
        .post("/api/catalog/register", AccessClass.USER, text, this::register)
        .post("/api/catalog/validate", AccessClass.USER, text, this::validate)
        .post("/api/catalog/list", AccessClass.USER, this::list)
        .post("/api/catalog/resource", AccessClass.USER, call -> resource(call, call.json()))
        .get("/api/catalog/resource", AccessClass.USER, this::resource)
        .post("/api/catalog/delete", AccessClass.USER, this::archive)
        .post("/api/catalog/restore", AccessClass.USER, this::restore);
  }

  private Reply register(Call call) {
    return switch (catalog.registerDocument(call.tenant(), content(call.json()), call::permit)) {
      case Registration.Refused refused ->
          Reply.of(refused(refused.httpStatus(), refused.errors()), call.requestId());
      case Registration.Registered(CatalogEntry entry, List<Diagnostic> warnings) -> {
        Map<String, @Nullable Object> reply = new LinkedHashMap<>();
        reply.put("status", SUCCESS);
        reply.put("message", "registered " + entry.path() + " version " + entry.version());
        reply.put("path", entry.path());
        reply.put("version", entry.version());
        reply.put("catalog_id", Ids.text(entry.catalogId()));
        reply.put("kind", entry.kind());
        if (!warnings.isEmpty()) {
          reply.put("warnings", shown(warnings));
        }
        yield Reply.ok(reply);
      }
    };
  }

  private static String content(Map<String, @Nullable Object> body) {
    String type = Members.text(body, "resource_type", CatalogEntry.PLAYBOOK);
    if (!type.equalsIgnoreCase(CatalogEntry.PLAYBOOK)
        && !type.equalsIgnoreCase(CatalogEntry.SCHEDULE)) {
      throw Members.fault(
          "resource_type", "Expected resource_type Playbook or Schedule, but got '" + type + "'");
    }
    String content = Members.text(body, "content");
    if (content == null) {
      throw Problems.badRequest("Expected content with the text of a playbook, but it is missing")
          .refusal();
    }
    return content;
  }

  private static Problem refused(int status, List<Diagnostic> errors) {
    Diagnostic first = errors.getFirst();
    String sentence =
        "line "
            + first.line()
            + ": "
            + first.message()
            + (errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more)");
    String code =
        switch (status) {
          case 400 -> "bad_request";
          case 413 -> "too_large";
          default -> Problems.INVALID;
        };
    return new Problem(status, code, sentence, shown(errors), Map.of(), Map.of());
  }

  private static List<Map<String, @Nullable Object>> shown(List<Diagnostic> diagnostics) {
    return diagnostics.stream().map(Diagnostic::toMap).toList();
  }

  private Reply validate(Call call) {
    ParseResult.Checked result = catalog.checkDocument(content(call.json()));
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    List<Diagnostic> errors = result.errors();
    reply.put("valid", errors.isEmpty());
    reply.put("errors", shown(errors));
    reply.put("warnings", shown(result.warnings()));
    return Reply.ok(reply);
  }

  private Reply list(Call call) {
    Map<String, @Nullable Object> body = call.jsonOrEmpty();
    int limit =
        Math.max(
            1, clamped(Members.number(body, "limit"), limits.usualPageSize(), limits.pageSize()));
    Cursors.Offset cursor = Cursors.offset(Members.text(body, "cursor"));
    int offset =
        cursor != null
            ? cursor.value()
            : clamped(Members.number(body, "offset"), 0, Integer.MAX_VALUE);
    boolean always = Members.flag(body, "include_content", false);
    boolean ever = Members.flag(body, "include_content", true);
    List<CatalogEntry> found =
        catalog.list(
            call.tenant(),
            new Catalog.Filter(
                Members.text(body, "resource_type"),
                Members.text(body, "path"),
                Members.flag(body, "include_archived", false),
                Members.flag(body, "agent_only", false),
                capabilities(body),
                ever,
                Math.min(limit, Catalog.MAX_PAGE),
                offset));
    List<@Nullable Object> entries = new ArrayList<>();
    for (CatalogEntry entry : found) {
      entries.add(shown(entry, always || entries.size() < ROWS_WITH_CONTENT));
    }
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("entries", entries);
    if (found.size() == limit) {
      reply.put("next_cursor", Cursors.of(offset + found.size()));
    }
    return Cursors.header(Reply.ok(reply), reply.get("next_cursor"));
  }

  private static List<String> capabilities(Map<String, @Nullable Object> body) {
    List<String> wanted = new ArrayList<>();
    String one = Members.text(body, "capability");
    if (one != null) {
      wanted.add(one);
    }
    List<@Nullable Object> more = Members.list(body, "capabilities");
    if (more != null) {
      for (int i = 0; i < more.size(); i++) {
        String place = "capabilities[" + i + "]";
        Map<String, @Nullable Object> alone = new LinkedHashMap<>();
        alone.put(place, more.get(i));
        wanted.add(Members.requiredText(alone, place));
      }
    }
    return wanted;
  }

  private static int clamped(@Nullable Long value, int missing, int most) {
    return value == null ? missing : (int) Math.clamp(value, 0L, (long) most);
  }

  private Reply resource(Call call) {
    Map<String, @Nullable Object> asked = new LinkedHashMap<>();
    for (String name : List.of("catalog_id", "path", "version")) {
      asked.put(name, call.query(name));
    }
    return resource(call, asked);
  }

  private Reply resource(Call call, Map<String, @Nullable Object> asked) {
    CatalogEntry entry = find(catalog, call.tenant(), asked, true);
    call.permit(entry.path());
    String content = entry.content();
    if (content != null && call.accepts("application/yaml")) {
      return Reply.bytes(
          "application/yaml; charset=utf-8", content.getBytes(StandardCharsets.UTF_8));
    }
    return Reply.ok(shown(entry, true));
  }

  /**
   * The entry that a request names by {@code catalog_id}, or by {@code path} and {@code version}.
   *
   * @param content whether its content is wanted, too
   * @throws Problem.Refusal 400 when it names none, 404 when there is none
   */
  static CatalogEntry find(
      Catalog catalog, String tenant, Map<String, @Nullable Object> asked, boolean content) {
    Long catalogId = Members.id(asked, "catalog_id");
    if (catalogId != null) {
      return (content ? catalog.byId(tenant, catalogId) : catalog.headById(tenant, catalogId))
          .orElseThrow(
              () -> Problems.notFound("catalog entry " + catalogId + " not found").refusal());
    }
    String path = Members.text(asked, "path");
    if (path == null || path.isBlank()) {
      throw Problems.badRequest("Expected path or catalog_id, but both are missing").refusal();
    }
    Integer version = version(asked);
    Optional<CatalogEntry> found =
        content ? catalog.byPath(tenant, path, version) : catalog.headByPath(tenant, path, version);
    if (found.isPresent()) {
      return found.get();
    }
    if (version == null && catalog.knows(tenant, path)) {
      throw Problems.conflict("conflict", "every version of " + path + " is archived").refusal();
    }
    throw Problems.notFound(
            path + (version == null ? "" : " version " + version) + " not found in the catalog")
        .refusal();
  }

  private static @Nullable Integer version(Map<String, @Nullable Object> asked) {
    Object version = asked.get("version");
    if (version == null || LATEST.equals(version)) {
      return null;
    }
    Long number = Members.number(asked, "version");
    if (number == null || number < 1 || number > Integer.MAX_VALUE) {
      throw Members.fault(
          "version", "Expected version to be 'latest' or a number from 1, but got " + version);
    }
    return number.intValue();
  }

  static Map<String, @Nullable Object> shown(CatalogEntry entry, boolean withContent) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("catalog_id", Ids.text(entry.catalogId()));
    out.put("path", entry.path());
    out.put("name", entry.name());
    out.put("kind", entry.kind());
    out.put("version", entry.version());
    if (withContent && entry.content() != null) {
      out.put("content", entry.content());
    }
    if (entry.metaJson() != null) {
      out.put("meta", new Json.Raw(entry.metaJson()));
    }
    out.put("created_at", entry.createdAt().toString());
    if (entry.archivedAt() != null) {
      out.put("archived_at", entry.archivedAt().toString());
    }
    return out;
  }

  private Reply archive(Call call) {
    Map<String, @Nullable Object> body = call.json();
    String path = Members.requiredText(body, "path");
    call.permit(Catalog.normal(path));
    return archived(catalog.archive(call.tenant(), path, version(body), null), path, call);
  }

  static Reply archived(Archival archival, String path, Call call) {
    return switch (archival) {
      case Archival.Done done -> Reply.ok(done("archived", "deleted", path, done.versions()));
      case Archival.InUse inUse ->
          Reply.of(
              Problems.conflict(
                      "in_use",
                      "version "
                          + inUse.version()
                          + " of "
                          + path
                          + " is in use by execution "
                          + inUse.executionId())
                  .with("execution_id", Ids.text(inUse.executionId())),
              call.requestId());
      case Archival.Unknown _ ->
          Reply.of(Problems.notFound(path + " not found in the catalog"), call.requestId());
    };
  }

  private Reply restore(Call call) {
    Map<String, @Nullable Object> body = call.json();
    String path = Members.requiredText(body, "path");
    call.permit(Catalog.normal(path));
    return switch (catalog.restore(call.tenant(), path, version(body))) {
      case Archival.Done done -> Reply.ok(done("restored", "restored", path, done.versions()));
      case Archival.InUse _, Archival.Unknown _ ->
          Reply.of(Problems.notFound(path + " not found in the catalog"), call.requestId());
    };
  }

  private static Map<String, @Nullable Object> done(
      String verb, String member, String path, List<Archival.Version> versions) {
    List<@Nullable Object> shown = new ArrayList<>();
    for (Archival.Version version : versions) {
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("catalog_id", Ids.text(version.catalogId()));
      entry.put("version", version.version());
      shown.add(entry);
    }
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("status", SUCCESS);
    reply.put("message", verb + " " + versions.size() + " versions of " + path);
    reply.put("path", path);
    reply.put(member, shown);
    reply.put("count", versions.size());
    return reply;
  }
}
