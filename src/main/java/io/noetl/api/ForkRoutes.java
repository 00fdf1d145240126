package io.noetl.api;

import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogEntry;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionEvent.Kept;
import io.noetl.execution.ExecutionEvent.Origin;
import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionState.Pending;
import io.noetl.execution.Forks;
import io.noetl.journal.Definitions;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.journal.Replay;
import io.noetl.json.Json;
import io.noetl.playbook.Playbook;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** New executions that go on from what another one has done; that one is left as it is. */
final class ForkRoutes implements Resource {
  private final Executions executions;
  private final Replay replay;
  private final Catalog catalog;
  private final Definitions definitions;
  private final IntentHandler intents;
  private final Owners owners;
  private final LongSupplier ids;
  private final ApiLimits limits;

  ForkRoutes(
      Executions executions,
      Replay replay,
      Catalog catalog,
      Definitions definitions,
      IntentHandler intents,
      Owners owners,
      LongSupplier ids,
      ApiLimits limits) {
    this.executions = executions;
    this.replay = replay;
    this.catalog = catalog;
    this.definitions = definitions;
    this.intents = intents;
    this.owners = owners;
    this.ids = ids;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    Bodies.Limit body = new Bodies.Limit("limits.execute-body", limits.executeBytes());
    routes
        .post("/api/executions/{id}/fork", AccessClass.USER, body, this::fork)
        .post("/api/executions/{id}/retry", AccessClass.USER, body, this::retry);
  }

  private Reply fork(Call call) {
    ExecutionRow row = row(call);
    Map<String, @Nullable Object> body = call.jsonOrEmpty();
    Long event = Members.id(body, "at_event");
    Long seq = Members.number(body, "at_seq");
    if ((event == null) == (seq == null)) {
      throw Members.fault(
          "at_event",
          "Expected one of at_event and at_seq, but got " + (event == null ? "none" : "both"));
    }
    if (seq != null && (seq < 1 || seq > Integer.MAX_VALUE)) {
      throw Members.fault("at_seq", "Expected at_seq to be at least 1, but got " + seq);
    }
    Replay.Cut cut =
        replay.cut(row.executionId(), event, seq == null ? null : (Integer) seq.intValue());
    if (cut == null) {
      throw Problems.notFound("execution " + row.executionId() + " has no such event to fork at")
          .refusal();
    }
    return begin(call, row, body, cut, Forks.cut(cut.state()));
  }

  private Reply retry(Call call) {
    ExecutionRow row = row(call);
    Map<String, @Nullable Object> body = call.jsonOrEmpty();
    if (row.status() != ExecutionStatus.FAILED && row.status() != ExecutionStatus.CANCELLED) {
      throw Problems.conflict(
              "conflict",
              "Expected execution "
                  + row.executionId()
                  + " to have failed or been cancelled, but it is "
                  + row.status()
                  + "; fork it instead")
          .refusal();
    }
    Replay.Cut cut = replay.cut(row.executionId(), null, null);
    if (cut == null) {
      throw Owners.notFound(row.executionId());
    }
    return begin(call, row, body, cut, Forks.beforeFailure(cut.state()));
  }

  private ExecutionRow row(Call call) {
    long id = call.pathId("id");
    return executions.find(call.tenant(), id).orElseThrow(() -> Owners.notFound(id));
  }

  private Reply begin(
      Call call, ExecutionRow row, Map<String, @Nullable Object> body, Replay.Cut cut, Kept kept) {
    Started started = cut.state().begun();
    Map<String, @Nullable Object> patch = Members.map(body, "patch");
    Map<String, @Nullable Object> workload = new LinkedHashMap<>(started.workload());
    Set<String> payloadKeys = new LinkedHashSet<>(started.payloadKeys());
    Kept with = kept;
    if (patch != null) {
      for (String name : patch.keySet()) {
        if (!name.equals("workload") && !name.equals("variables")) {
          throw Members.fault(
              "patch." + name, "Expected patch to have workload or variables, but got " + name);
        }
      }
      Map<String, @Nullable Object> inputs = Members.map(patch, "workload");
      if (inputs != null) {
        workload.putAll(inputs);
        payloadKeys.addAll(inputs.keySet());
      }
      Map<String, @Nullable Object> variables = Members.map(patch, "variables");
      if (variables != null) {
        with = kept.with(variables);
      }
    }
    CatalogEntry entry = entry(call.tenant(), started, Members.number(body, "version"));
    Playbook playbook = definitions.get(entry.catalogId()).playbook();
    List<String> starts = starts(entry, playbook, with);
    Long parentRoot = started.origin() == null ? null : (Long) started.origin().rootId();
    Origin origin =
        new Origin(
            row.executionId(),
            cut.state().seq(),
            parentRoot == null ? row.executionId() : parentRoot);
    bounded(workload, with);
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("parent", Ids.text(row.executionId()));
    reply.put("shared_events", origin.seq());
    reply.put("path", entry.path());
    reply.put("version", entry.version());
    reply.put("starts", starts);
    if (Members.flag(body, "dry_run", false)) {
      reply.put("status", "planned");
      return Reply.ok(reply);
    }
    long id = ids.getAsLong();
    IntentReply answer =
        intents.handle(
            call.tenant(),
            id,
            new ExecutionIntent.Fork(
                entry.catalogId(),
                entry.path(),
                entry.version(),
                workload,
                List.copyOf(payloadKeys),
                started.pool(),
                started.settings(),
                origin,
                with));
    return switch (answer) {
      case IntentReply.Accepted accepted -> started(call, id, accepted.issued(), reply);
      // Written at the first try, whose outcome was not known: the id is nobody else's.
      case IntentReply.Duplicate _ -> started(call, id, intents.state(id).commands().size(), reply);
      case IntentReply.Rejected rejected -> throw Problems.of(rejected).refusal();
      case IntentReply.Busy busy -> throw Problems.of(busy).refusal();
    };
  }

  private Reply started(Call call, long id, int commands, Map<String, @Nullable Object> reply) {
    owners.learn(id, call.tenant());
    reply.put("status", "started");
    reply.put("execution_id", Ids.text(id));
    reply.put("commands_generated", commands);
    return Reply.ok(reply);
  }

  /** The version that the other one runs, or another version of its path. */
  private CatalogEntry entry(String tenant, Started started, @Nullable Long version) {
    if (version == null) {
      return catalog
          .headById(tenant, started.catalogId())
          .orElseThrow(
              () ->
                  Problems.notFound("catalog entry " + started.catalogId() + " not found")
                      .refusal());
    }
    Map<String, @Nullable Object> asked = new LinkedHashMap<>();
    asked.put("path", started.path());
    asked.put("version", version);
    CatalogEntry entry = CatalogRoutes.find(catalog, tenant, asked, false);
    if (!entry.kind().equals(CatalogEntry.PLAYBOOK) || entry.archived()) {
      throw Problems.conflict(
              "conflict",
              "Expected version "
                  + version
                  + " of "
                  + entry.path()
                  + " to be a Playbook in use, but it is "
                  + (entry.archived() ? "archived" : "a " + entry.kind()))
          .refusal();
    }
    return entry;
  }

  private static List<String> starts(CatalogEntry entry, Playbook playbook, Kept kept) {
    List<String> starts = new ArrayList<>();
    for (Pending token : kept.pending()) {
      if (!playbook.steps().containsKey(token.step())) {
        throw Members.fault(
            "version",
            "Expected a version that has step '"
                + token.step()
                + "', where the fork goes on, but version "
                + entry.version()
                + " of "
                + entry.path()
                + " has none");
      }
      starts.add(token.step());
    }
    return starts;
  }

  /** What is kept is one event, and so as large as a start may be. */
  private void bounded(Map<String, @Nullable Object> workload, Kept kept) {
    Map<String, @Nullable Object> whole = new LinkedHashMap<>();
    whole.put("workload", workload);
    whole.put("variables", kept.ctx());
    Map<String, @Nullable Object> outcomes = new LinkedHashMap<>();
    kept.steps()
        .forEach(
            (name, step) ->
                outcomes.put(name, step.outcome() == null ? null : step.outcome().toMap()));
    whole.put("steps", outcomes);
    int bytes = Json.text(whole).getBytes(StandardCharsets.UTF_8).length;
    if (bytes > limits.executeBytes()) {
      throw Problems.tooLarge(
              "what a fork keeps", "limits.execute-body", limits.executeBytes(), bytes + " bytes")
          .refusal();
    }
  }
}
