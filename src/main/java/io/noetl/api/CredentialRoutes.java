package io.noetl.api;

import io.noetl.credential.CredentialRecord;
import io.noetl.credential.CredentialSpec;
import io.noetl.credential.CredentialStore;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.query.CommandPages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Credentials: store, look at, delete; the secret itself only for who asks for it. */
final class CredentialRoutes implements Resource {
  private static final Logger log = LoggerFactory.getLogger(CredentialRoutes.class);
  private static final String PATH = "/api/credentials";
  private static final String ONE = PATH + "/{id_or_name...}";

  private final CredentialStore credentials;
  private final CommandPages commands;
  private final ApiLimits limits;

  CredentialRoutes(CredentialStore credentials, CommandPages commands, ApiLimits limits) {
    this.commands = commands;
    this.credentials = credentials;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .post(PATH, AccessClass.USER, this::put)
        .get(PATH, AccessClass.USER, this::list)
        .get(ONE, AccessClass.SHARED, this::one)
        .delete(ONE, AccessClass.USER, this::delete);
  }

  private Reply put(Call call) {
    Map<String, @Nullable Object> body = call.json();
    String name = Members.requiredText(body, "name").strip();
    String fault = CredentialSpec.nameFault(name);
    if (fault != null) {
      throw Members.fault("name", "Expected the name of a credential, but " + fault);
    }
    String type = Members.requiredText(body, "type").strip();
    if (type.length() > CredentialSpec.MAX_NAME) {
      throw Members.fault(
          "type",
          "Expected a type of at most "
              + CredentialSpec.MAX_NAME
              + " characters, but it has "
              + type.length());
    }
    Map<String, @Nullable Object> data = Members.map(body, "data");
    if (data == null) {
      throw Members.missing("data");
    }
    CredentialRecord stored =
        credentials.put(
            call.tenant(),
            new CredentialSpec(
                name,
                type,
                data,
                document(body.get("meta")),
                document(body.get("tags")),
                Members.text(body, "description"),
                document(body.get("schema"))));
    log.info("credential '{}' was stored by {}", stored.name(), call.subject());
    return Reply.ok(shown(stored));
  }

  private static @Nullable String document(@Nullable Object value) {
    return value == null ? null : Json.text(value);
  }

  private Reply list(Call call) {
    String type = call.query("type");
    String text = call.query("q");
    int limit = call.queryNumber("limit", limits.pageSize(), 1, limits.pageSize());
    List<@Nullable Object> items = new ArrayList<>();
    credentials
        .list(call.tenant(), type, text, limit, call.queryNumber("offset", 0, 0, Integer.MAX_VALUE))
        .forEach(record -> items.add(shown(record)));
    Map<String, @Nullable Object> filter = new LinkedHashMap<>();
    put(filter, "type", type);
    put(filter, "q", text);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("items", items);
    out.put("filter", filter);
    return Reply.ok(out);
  }

  private Reply one(Call call) {
    String wanted = call.path("id_or_name");
    if (!call.queryFlag("include_data")) {
      return Reply.ok(
          shown(credentials.find(call.tenant(), wanted).orElseThrow(() -> notFound(wanted))));
    }
    Long execution = call.queryId("execution_id");
    if (call.caller().reach() != Caller.Reach.ANYBODY && !needed(call, execution)) {
      throw new Problem(
              403,
              "forbidden",
              "Expected a worker that holds a command of the execution that it names"
                  + " (execution_id), but "
                  + call.subject()
                  + " is none")
          .refusal();
    }
    CredentialStore.Opened opened =
        credentials.open(call.tenant(), wanted).orElseThrow(() -> notFound(wanted));
    // Who has had a secret must be known afterwards.
    log.info(
        "credential '{}' was read by {} (execution={})",
        opened.about().name(),
        call.subject(),
        execution);
    Map<String, @Nullable Object> out = shown(opened.about());
    out.put("data", opened.data());
    return Reply.ok(out).withHeader("Cache-Control", "no-store");
  }

  /** Secrets are given to what runs, not to people. */
  private boolean needed(Call call, @Nullable Long execution) {
    return call.caller().worker()
        && execution != null
        && !commands
            .list(
                call.tenant(),
                new CommandPages.Filter("CLAIMED", null, null, execution, Cursors.before(null), 1))
            .isEmpty();
  }

  private Reply delete(Call call) {
    String wanted = call.path("id_or_name");
    CredentialRecord gone =
        credentials.delete(call.tenant(), wanted).orElseThrow(() -> notFound(wanted));
    log.info("credential '{}' was deleted by {}", gone.name(), call.subject());
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", "success");
    out.put("message", "deleted credential " + gone.name());
    out.put("id", Ids.text(gone.id()));
    return Reply.ok(out);
  }

  private static Problem.Refusal notFound(String wanted) {
    return Problems.notFound("credential " + wanted + " not found").refusal();
  }

  private static Map<String, @Nullable Object> shown(CredentialRecord record) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("id", Ids.text(record.id()));
    out.put("name", record.name());
    out.put("type", record.type());
    put(out, "meta", raw(record.metaJson()));
    put(out, "tags", raw(record.tagsJson()));
    put(out, "description", record.description());
    put(out, "schema", raw(record.schemaJson()));
    out.put("created_at", record.createdAt().toString());
    out.put("updated_at", record.updatedAt().toString());
    return out;
  }

  private static Json.@Nullable Raw raw(@Nullable String json) {
    return json == null ? null : new Json.Raw(json);
  }

  private static void put(Map<String, @Nullable Object> out, String name, @Nullable Object value) {
    if (value != null) {
      out.put(name, value);
    }
  }
}
