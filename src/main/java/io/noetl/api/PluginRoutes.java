package io.noetl.api;

import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogEntry;
import io.noetl.catalog.ModuleInspector.Inspection;
import io.noetl.catalog.ModuleRegistration;
import io.noetl.catalog.PluginGrantStore;
import io.noetl.catalog.PluginGrantStore.Grants;
import io.noetl.catalog.PluginPath;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.signature.ModuleSignature;
import io.noetl.signature.SignaturePolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plug-in modules: store, look at, archive, and their bytes for the pool that runs them. */
final class PluginRoutes implements Resource {
  private static final String WASM = "application/wasm";

  private final Catalog catalog;
  private final PluginGrantStore grants;
  private final SignaturePolicy signatures;
  private final ApiLimits limits;

  PluginRoutes(
      Catalog catalog, PluginGrantStore grants, SignaturePolicy signatures, ApiLimits limits) {
    this.catalog = catalog;
    this.grants = grants;
    this.signatures = signatures;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    Bodies.Limit module = new Bodies.Limit("limits.plugin-module", limits.pluginBytes());
    routes
        .get("/api/plugins", AccessClass.USER, this::list)
        .post("/api/plugins/check", AccessClass.USER, module, this::check)
        .get("/api/plugins/{path...}", AccessClass.SHARED, this::one)
        .post("/api/plugins/{path...}", AccessClass.USER, module, this::register)
        .delete("/api/plugins/{path...}", AccessClass.USER, this::archive)
        .get("/api/internal/plugins/{path...}", AccessClass.INTERNAL, this::bytes)
        .post("/api/internal/plugins/{path...}", AccessClass.OPERATOR, module, this::registerAny);
  }

  private Reply register(Call call) {
    String path = call.path("path");
    if (PluginPath.system(path)) {
      throw new Problem(
              403,
              "forbidden",
              "Expected a path outside system/, which only the internal route may register, but"
                  + " got "
                  + path)
          .refusal();
    }
    return registerAny(call);
  }

  private Reply registerAny(Call call) {
    PluginPath.fault(call.path("path"))
        .ifPresent(
            fault -> {
              throw Problems.invalid(fault).refusal();
            });
    ModuleUpload upload = upload(call);
    String signer = signer(call, upload.module());
    Inspection inspected = catalog.checkModule(upload.module(), upload.manifest());
    if (inspected.admitted()) {
      granted(call, inspected);
    }
    return switch (catalog.registerModule(
        call.tenant(), call.path("path"), upload.module(), upload.manifest(), signer)) {
      case ModuleRegistration.Refused(Inspection inspection) ->
          Reply.of(refused(inspection), call.requestId());
      case ModuleRegistration.Registered(CatalogEntry entry, Inspection inspection, int size) -> {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("path", entry.path());
        out.put("version", entry.version());
        out.put("catalog_id", Ids.text(entry.catalogId()));
        out.putAll(shown(inspection, size));
        if (signer != null) {
          out.put("signed_by", signer);
        }
        yield Reply.json(201, out);
      }
    };
  }

  /** Who signed the module; null when nobody did and nobody has to. */
  private @Nullable String signer(Call call, byte[] module) {
    String path = call.path("path");
    return switch (signatures.judge(
        call.tenant(),
        path,
        PluginPath.system(path),
        module,
        call.header(ModuleSignature.HEADER))) {
      case SignaturePolicy.Verdict.Accepted(String signer) -> signer;
      case SignaturePolicy.Verdict.Refused(String sentence) ->
          throw new Problem(403, "plugin_signature", sentence).refusal();
    };
  }

  /** Names every import that is not granted, in one message. */
  private void granted(Call call, Inspection inspected) {
    Grants granted = grants.of(call.tenant(), call.path("path"));
    List<String> denied =
        inspected.imports().stream()
            .filter(full -> grants.known().contains(function(full)))
            .filter(full -> !granted.has(function(full)))
            .toList();
    if (!denied.isEmpty()) {
      throw new Problem(
              422,
              "plugin_import_denied",
              "plug-in "
                  + call.path("path")
                  + " imports "
                  + String.join(", ", denied)
                  + ", which tenant "
                  + call.tenant()
                  + " is not granted (granted: "
                  + (granted.names().isEmpty() ? "none" : String.join(", ", granted.names()))
                  + ")")
          .refusal();
    }
  }

  /** The function of an import's full name: what follows the last dot. */
  private static String function(String full) {
    return full.substring(full.lastIndexOf('.') + 1);
  }

  private Reply check(Call call) {
    ModuleUpload upload = upload(call);
    Inspection inspection = catalog.checkModule(upload.module(), upload.manifest());
    return inspection.admitted()
        ? Reply.ok(shown(inspection, upload.module().length))
        : Reply.of(refused(inspection), call.requestId());
  }

  private static ModuleUpload upload(Call call) {
    String type = call.contentType();
    if (type.equals("multipart/form-data")) {
      return ModuleUpload.parse(call.bytes(), String.valueOf(call.header("Content-Type")));
    }
    if (!type.equals(WASM) && !type.equals("application/octet-stream")) {
      throw new Problem(
              415,
              "unsupported_media_type",
              "Expected " + WASM + " or multipart/form-data, but got '" + type + "'")
          .refusal();
    }
    return new ModuleUpload(call.bytes(), Map.of());
  }

  private static Problem refused(Inspection inspection) {
    List<Map<String, @Nullable Object>> errors = new ArrayList<>();
    inspection
        .faults()
        .forEach(fault -> errors.add(Map.of("path", fault.place(), "message", fault.message())));
    return Problems.invalid(
        "The module is not admitted: " + inspection.faults().getFirst().message(), errors);
  }

  private static Map<String, @Nullable Object> shown(Inspection inspection, int size) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("digest", inspection.digest());
    out.put("size", size);
    out.put("abi", inspection.abi());
    out.put("imports", inspection.imports());
    out.put("grants_missing", inspection.grantsMissing());
    return out;
  }

  private Reply list(Call call) {
    int limit = call.queryNumber("limit", limits.usualPageSize(), 1, limits.pageSize());
    Cursors.Offset cursor = Cursors.offset(call.query("cursor"));
    int offset =
        cursor != null ? cursor.value() : call.queryNumber("offset", 0, 0, Integer.MAX_VALUE);
    List<@Nullable Object> plugins = new ArrayList<>();
    catalog
        .list(
            call.tenant(),
            new Catalog.Filter(
                CatalogEntry.PLUGIN,
                null,
                false,
                false,
                List.of(),
                true,
                Math.min(limit, Catalog.MAX_PAGE),
                offset))
        .forEach(entry -> plugins.add(shown(entry)));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("plugins", plugins);
    out.put("count", plugins.size());
    if (plugins.size() == limit) {
      out.put("next_cursor", Cursors.of(offset + limit));
    }
    return Cursors.header(Reply.ok(out), out.get("next_cursor"));
  }

  private Reply one(Call call) {
    CatalogEntry entry = find(call);
    Map<String, @Nullable Object> out = shown(entry);
    out.put("granted", grants.of(call.tenant(), entry.path()).terms());
    return Reply.ok(out);
  }

  private static Map<String, @Nullable Object> shown(CatalogEntry entry) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("path", entry.path());
    out.put("version", entry.version());
    out.put("catalog_id", Ids.text(entry.catalogId()));
    out.put("digest", entry.moduleDigest());
    if (entry.metaJson() != null) {
      Map<String, @Nullable Object> meta = Json.parseObject(entry.metaJson());
      out.put("size", meta.get("size"));
      out.put("abi", meta.get("abi"));
      out.put("imports", meta.get("imports"));
      if (meta.get("signed_by") != null) {
        out.put("signed_by", meta.get("signed_by"));
      }
    }
    if (entry.content() != null) {
      out.put("grants", grants(entry.content()));
    }
    out.put("state", entry.archived() ? "archived" : "active");
    out.put("created_at", entry.createdAt().toString());
    return out;
  }

  /** What the manifest asks for. */
  private static Object grants(String manifest) {
    Object grants = Json.parseObject(manifest).get("grants");
    return grants == null ? List.of() : grants;
  }

  private CatalogEntry find(Call call) {
    String path = call.path("path");
    Integer version = version(call);
    return catalog
        .plugin(call.tenant(), path, version)
        .orElseThrow(
            () ->
                Problems.notFound(
                        "plug-in "
                            + path
                            + (version == null ? "" : " version " + version)
                            + " not found")
                    .refusal());
  }

  private static @Nullable Integer version(Call call) {
    String version = call.query("version");
    if (version == null || version.equals("latest")) {
      return null;
    }
    return call.queryNumber("version", 1, 1, Integer.MAX_VALUE);
  }

  private Reply archive(Call call) {
    String path = call.path("path");
    return CatalogRoutes.archived(
        catalog.archive(call.tenant(), path, version(call), CatalogEntry.PLUGIN), path, call);
  }

  private Reply bytes(Call call) {
    CatalogEntry entry = find(call);
    String digest = String.valueOf(entry.moduleDigest());
    String wanted = call.query("digest");
    if (wanted != null && !wanted.equals(digest)) {
      return Reply.of(
          Problems.conflict(
                  "conflict",
                  "version " + entry.version() + " of " + entry.path() + " has another digest")
              .with("digest", digest),
          call.requestId());
    }
    byte[] module =
        catalog
            .module(call.tenant(), digest)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "Expected the module of "
                            + entry.path()
                            + " version "
                            + entry.version()
                            + ", but its bytes are missing (digest="
                            + digest
                            + ")"));
    return Reply.bytes(WASM, module).withHeader("ETag", "\"" + digest + "\"");
  }
}
