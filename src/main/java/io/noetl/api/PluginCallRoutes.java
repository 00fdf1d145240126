package io.noetl.api;

import io.noetl.catalog.Catalog;
import io.noetl.catalog.PluginGrantStore;
import io.noetl.catalog.PluginPath;
import io.noetl.catalog.Registration;
import io.noetl.credential.CredentialStore;
import io.noetl.envelope.Ids;
import io.noetl.playbook.ParseResult;
import io.noetl.query.EventPages;
import io.noetl.query.EventRow;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import io.noetl.query.ServedEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the capabilities of plug-ins that need the platform's database, for the pool that runs
 * them. The one place that enforces their grants: what the pool believes does not matter here, and
 * a grant that was withdrawn a moment ago does not hold any more.
 */
final class PluginCallRoutes implements Resource {
  /** Most events of one reply. */
  static final int EVENTS = 200;

  private static final Logger log = LoggerFactory.getLogger(PluginCallRoutes.class);

  private final Catalog catalog;
  private final PluginGrantStore grants;
  private final Executions executions;
  private final EventPages events;
  private final CredentialStore credentials;
  private final SystemCalls system;
  private final ApiLimits limits;

  PluginCallRoutes(
      Catalog catalog,
      PluginGrantStore grants,
      Executions executions,
      EventPages events,
      CredentialStore credentials,
      SystemCalls system,
      ApiLimits limits) {
    this.catalog = catalog;
    this.grants = grants;
    this.executions = executions;
    this.events = events;
    this.credentials = credentials;
    this.system = system;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes.post(
        "/api/internal/plugin-calls",
        AccessClass.INTERNAL,
        new Bodies.Limit("limits.register-body", limits.registerBytes()),
        this::serve);
  }

  /**
   * One call.
   *
   * @param path of the plug-in
   * @param terms of the grant, as they are now
   * @param execution that the plug-in works for
   */
  private record Asked(
      Call call,
      String path,
      Map<String, @Nullable Object> terms,
      ExecutionRow execution,
      Map<String, @Nullable Object> request) {}

  private Reply serve(Call call) {
    Map<String, @Nullable Object> body = call.json();
    String path = Members.requiredText(body, "path");
    String capability = Members.requiredText(body, "capability");
    long executionId = Members.requiredId(body, "execution_id");
    Map<String, @Nullable Object> request = Members.map(body, "request");
    Map<String, @Nullable Object> terms = grants.of(call.tenant(), path).terms().get(capability);
    if (terms == null) {
      throw denied(
          capability + " is not granted to plug-in " + path + " of tenant " + call.tenant());
    }
    ExecutionRow execution =
        executions.find(call.tenant(), executionId).orElseThrow(() -> Owners.notFound(executionId));
    Asked asked = new Asked(call, path, terms, execution, request == null ? Map.of() : request);
    Map<String, @Nullable Object> reply =
        switch (capability) {
          case "host_read_event_log" -> readEventLog(asked);
          case "host_mutate_catalog" -> mutateCatalog(asked);
          case "host_system_call" -> systemCall(asked);
          case "host_get_credential" -> getCredential(asked);
          case "host_query_pg" -> queryPg(asked);
          default -> throw Problems.unavailable(capability + " is not served here").refusal();
        };
    return Reply.ok(Map.of("reply", reply)).withHeader("Cache-Control", "no-store");
  }

  private Map<String, @Nullable Object> readEventLog(Asked asked) {
    ExecutionRow own = asked.execution();
    Long wanted = Members.id(asked.request(), "execution_id");
    if (wanted != null && wanted != own.executionId()) {
      // The same answer whether it exists, is another tenant's, or neither.
      throw denied("Expected the plug-in's own execution");
    }
    Long afterId = Members.id(asked.request(), "after_id");
    int after =
        afterId == null
            ? 0
            : events
                .position(own.executionId(), afterId)
                .orElseThrow(
                    () -> Problems.notFound("Expected after_id to be an event of it").refusal());
    List<EventRow> rows = events.range(own.executionId(), after, Integer.MAX_VALUE, EVENTS + 1);
    boolean more = rows.size() > EVENTS;
    List<EventRow> page = more ? rows.subList(0, EVENTS) : rows;
    List<@Nullable Object> shown = new ArrayList<>(page.size());
    page.forEach(event -> shown.add(ServedEvent.of(event, own)));
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("events", shown);
    reply.put("next", more ? Ids.text(page.getLast().eventId()) : null);
    return reply;
  }

  private Map<String, @Nullable Object> mutateCatalog(Asked asked) {
    String path = Members.requiredText(asked.request(), "path");
    String yaml = Members.requiredText(asked.request(), "yaml");
    if (!PluginTerms.below(asked.terms(), path)) {
      throw denied("Expected a path below the granted prefix, but got " + path);
    }
    if (catalog.check(yaml) instanceof ParseResult.Valid valid
        && !valid.playbook().path().equals(path)) {
      throw denied(
          "Expected a playbook of path " + path + ", but its text says " + valid.playbook().path());
    }
    return switch (catalog.register(asked.call().tenant(), yaml)) {
      case Registration.Registered registered -> {
        Map<String, @Nullable Object> reply = new LinkedHashMap<>();
        reply.put("path", registered.entry().path());
        reply.put("version", registered.entry().version());
        yield reply;
      }
      case Registration.Refused refused ->
          throw Problems.invalid(
                  "The playbook is not valid: " + refused.errors().getFirst().message())
              .refusal();
    };
  }

  private Map<String, @Nullable Object> systemCall(Asked asked) {
    String name = Members.requiredText(asked.request(), "name");
    if (!PluginTerms.names(asked.terms(), name)) {
      throw denied("Expected a system function out of the grant, but got " + name);
    }
    Map<String, @Nullable Object> args = Members.map(asked.request(), "args");
    return system.serve(
        name,
        new SystemCalls.Asked(
            asked.call().tenant(),
            asked.path(),
            asked.execution(),
            args == null ? Map.of() : args));
  }

  private Map<String, @Nullable Object> getCredential(Asked asked) {
    String name = Members.requiredText(asked.request(), "name");
    if (!PluginTerms.names(asked.terms(), name)) {
      // The same answer whether there is such a credential or not.
      throw denied("Expected the exact name of a granted credential, but got another");
    }
    return opened(asked, name);
  }

  /** The pool runs the statement: this is what it may run it with. */
  private Map<String, @Nullable Object> queryPg(Asked asked) {
    String name =
        PluginTerms.credential(asked.terms())
            .orElseThrow(() -> denied("Expected a grant that names a credential"));
    Map<String, @Nullable Object> reply = opened(asked, name);
    reply.put("system", PluginPath.system(asked.path()));
    return reply;
  }

  private Map<String, @Nullable Object> opened(Asked asked, String name) {
    CredentialStore.Opened opened =
        credentials
            .open(asked.call().tenant(), name)
            // By its name: an id of the same digits is another one's.
            .filter(found -> found.about().name().equals(name))
            .orElseThrow(() -> Problems.notFound("credential " + name + " not found").refusal());
    // Who has had a secret must be known afterwards.
    log.info(
        "credential '{}' was read by plug-in {} of tenant {} (execution={})",
        name,
        asked.path(),
        asked.call().tenant(),
        asked.execution().executionId());
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("name", name);
    reply.put("type", opened.about().type());
    reply.put("data", opened.data());
    return reply;
  }

  private static Problem.Refusal denied(String sentence) {
    return new Problem(403, "denied", sentence).refusal();
  }
}
