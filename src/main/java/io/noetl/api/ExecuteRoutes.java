package io.noetl.api;

import io.noetl.admission.Overload;
import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogEntry;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.execution.Definition;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionSettings;
import io.noetl.journal.DedupKeys;
import io.noetl.journal.Definitions;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.json.Json;
import io.noetl.query.Executions;
import io.noetl.registry.KnownPools;
import io.noetl.wait.ChildAdmission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Starts executions. */
final class ExecuteRoutes implements Resource {
  /** How long a repeat of a start is recognised when nothing is said about it. */
  private static final Duration DEDUP_WINDOW = Duration.ofHours(24);

  /** Longest key of a start. */
  private static final int MAX_KEY = 200;

  private final Catalog catalog;
  private final Definitions definitions;
  private final IntentHandler intents;
  private final Executions executions;
  private final ChildAdmission children;
  private final StartAdmission admission;
  private final DedupKeys dedupKeys;
  private final Owners owners;
  private final KnownPools pools;
  private final ExecutionSettings settings;
  private final LongSupplier ids;
  private final ApiLimits limits;
  private final StartWaits waits;

  ExecuteRoutes(
      Catalog catalog,
      Definitions definitions,
      IntentHandler intents,
      Executions executions,
      ChildAdmission children,
      StartAdmission admission,
      DedupKeys dedupKeys,
      Owners owners,
      KnownPools pools,
      ExecutionSettings settings,
      LongSupplier ids,
      ApiLimits limits,
      StartWaits waits) {
    this.catalog = catalog;
    this.definitions = definitions;
    this.intents = intents;
    this.executions = executions;
    this.children = children;
    this.admission = admission;
    this.dedupKeys = dedupKeys;
    this.owners = owners;
    this.pools = pools;
    this.settings = settings;
    this.ids = ids;
    this.limits = limits;
    this.waits = waits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .post(
            "/api/execute",
            AccessClass.SHARED,
            new Bodies.Limit("limits.execute-body", limits.executeBytes()),
            this::execute)
        .post(
            "/api/execute/batch",
            AccessClass.USER,
            new Bodies.Limit("limits.batch-body", limits.batchBytes()),
            this::batch);
  }

  private Reply execute(Call call) {
    Map<String, @Nullable Object> body = call.json();
    Duration wait = waits.asked(call);
    return switch (start(call, body, call.header("Idempotency-Key"))) {
      case Started started ->
          wait.isZero()
              ? Reply.ok(started.body())
              : waits.held(call.tenant(), started.body(), wait);
      case Refused refused -> Reply.of(refused.problem(), call.requestId());
    };
  }

  private Reply batch(Call call) {
    List<@Nullable Object> items = Members.list(call.json(), "executions");
    if (items == null) {
      throw Members.missing("executions");
    }
    if (items.size() > limits.batchItems()) {
      throw Members.fault(
          "executions",
          "Expected at most "
              + limits.batchItems()
              + " executions (limits.batch-items), but got "
              + items.size());
    }
    List<@Nullable Object> results = new ArrayList<>(items.size());
    int started = 0;
    int duplicates = 0;
    for (int i = 0; i < items.size(); i++) {
      Answer answer = item(call, items.get(i), i);
      Map<String, @Nullable Object> result = new LinkedHashMap<>();
      result.put("index", i);
      switch (answer) {
        case Started(Map<String, @Nullable Object> reply, boolean duplicate) -> {
          started += duplicate ? 0 : 1;
          duplicates += duplicate ? 1 : 0;
          result.put("status", reply.get("status"));
          result.put("execution_id", reply.get("execution_id"));
          result.put("commands_generated", reply.getOrDefault("commands_generated", 0));
        }
        case Refused(Problem problem) -> {
          result.put("status", "failed");
          result.put("commands_generated", 0);
          result.put("error", problem.sentence());
          result.put("code", problem.code());
          result.putAll(problem.extra());
        }
      }
      results.add(result);
    }
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("count", items.size());
    reply.put("started", started);
    reply.put("duplicates", duplicates);
    reply.put("failed", items.size() - started - duplicates);
    reply.put("results", results);
    return Reply.ok(reply);
  }

  /** One bad item does not touch the others. */
  private Answer item(Call call, @Nullable Object item, int index) {
    try {
      return start(call, Members.item(item, "executions[" + index + "]"), null);
    } catch (Problem.Refusal e) {
      return new Refused(e.problem());
    } catch (Ids.BadIdException e) {
      return new Refused(Problems.badId(String.valueOf(e.getMessage())));
    }
  }

  private sealed interface Answer {}

  private record Started(Map<String, @Nullable Object> body, boolean duplicate) implements Answer {}

  private record Refused(Problem problem) implements Answer {}

  /**
   * @param key that makes the start idempotent
   * @param window how long a repeat is one
   * @param digest of the request without the key itself
   */
  private record Dedup(String key, Duration window, String digest) {}

  private Answer start(Call call, Map<String, @Nullable Object> body, @Nullable String headerKey) {
    String tenant = call.tenant();
    Map<String, @Nullable Object> payload = payload(body);
    CatalogEntry entry = CatalogRoutes.find(catalog, tenant, body, false);
    call.permit(entry.path());
    if (entry.archived()) {
      return new Refused(
          Problems.conflict(
              "conflict",
              entry.path() + " version " + entry.version() + " is archived; restore it first"));
    }
    if (!entry.kind().equals(CatalogEntry.PLAYBOOK)) {
      return new Refused(
          Problems.invalid(
              "Expected " + entry.path() + " to be a Playbook, but it is a " + entry.kind()));
    }
    Long parent = Members.id(body, "parent_execution_id");
    if (parent != null && !owners.mayKnow(tenant, parent)) {
      return new Refused(Problems.notFound("parent execution " + parent + " not found"));
    }
    if (parent != null) {
      String tooDeep = children.refusal(parent);
      if (tooDeep != null) {
        return new Refused(Problems.invalid(tooDeep));
      }
      if (cancelled(tenant, parent)) {
        return new Refused(orphan(parent));
      }
    }
    String pool = pool(body);
    Dedup dedup = dedup(body, headerKey);
    // Parsed here, on this request's thread, and not on that of the lane that decides for many.
    Definition definition = definitions.get(entry.catalogId());
    Overload overload =
        admission.refusal(
            tenant,
            definition.playbook(),
            entry.path(),
            pool,
            parent,
            dedup == null ? null : dedup.key());
    if (overload != null) {
      return new Refused(Problems.of(overload));
    }
    ExecutionIntent.Start start =
        new ExecutionIntent.Start(
            entry.catalogId(),
            entry.path(),
            entry.version(),
            payload,
            parent,
            null,
            pool,
            settings);
    return switch (handled(tenant, start, dedup)) {
      case Handled(long executionId, IntentReply.Accepted accepted) -> {
        owners.learn(executionId, tenant);
        if (parent != null && cancelled(tenant, parent)) {
          // The cancellation may have looked for children before this one was there.
          intents.handle(
              tenant, executionId, new ExecutionIntent.Cancel("its parent was cancelled"));
          yield new Refused(orphan(parent));
        }
        Map<String, @Nullable Object> reply = new LinkedHashMap<>();
        reply.put("execution_id", Ids.text(executionId));
        reply.put("status", "started");
        reply.put("commands_generated", accepted.issued());
        reply.put("catalog_id", Ids.text(entry.catalogId()));
        reply.put("path", entry.path());
        reply.put("version", entry.version());
        reply.put("name", entry.name());
        yield new Started(reply, false);
      }
      case Handled(_, IntentReply.Duplicate first) -> duplicate(first, entry);
      case Handled(_, IntentReply.Rejected rejected) -> new Refused(Problems.of(rejected));
      case Handled(_, IntentReply.Busy busy) -> new Refused(Problems.of(busy));
    };
  }

  private boolean cancelled(String tenant, long executionId) {
    return executions
        .find(tenant, executionId)
        .filter(row -> row.status() == ExecutionStatus.CANCELLED)
        .isPresent();
  }

  private static Problem orphan(long parent) {
    return Problems.conflict(
        "execution_cancelled", "parent execution " + parent + " was cancelled");
  }

  private record Handled(long executionId, IntentReply reply) {}

  private Handled handled(String tenant, ExecutionIntent.Start start, @Nullable Dedup dedup) {
    long executionId = ids.getAsLong();
    if (dedup == null) {
      return new Handled(executionId, intents.handle(tenant, executionId, start));
    }
    IntentReply reply =
        intents.handle(tenant, executionId, start, null, dedup.key(), dedup.digest());
    if (reply instanceof IntentReply.Duplicate first
        && dedupKeys.forget(tenant, dedup.key(), first.executionId(), dedup.window())) {
      // The first one is older than the window: this is a new start.
      reply = intents.handle(tenant, executionId, start, null, dedup.key(), dedup.digest());
    }
    return new Handled(executionId, reply);
  }

  private static Answer duplicate(IntentReply.Duplicate first, CatalogEntry entry) {
    if (!first.sameRequest()) {
      return new Refused(
          Problems.invalid(
                  "The idempotency key was used for another request, which began execution "
                      + first.executionId())
              .with("execution_id", Ids.text(first.executionId())));
    }
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("execution_id", Ids.text(first.executionId()));
    reply.put("status", "duplicate");
    reply.put("commands_generated", 0);
    reply.put("catalog_id", Ids.text(entry.catalogId()));
    reply.put("path", entry.path());
    reply.put("version", entry.version());
    reply.put("name", entry.name());
    return new Started(reply, true);
  }

  private static Map<String, @Nullable Object> payload(Map<String, @Nullable Object> body) {
    Map<String, @Nullable Object> workload = Members.map(body, "workload");
    Map<String, @Nullable Object> payload = Members.map(body, "payload");
    if (workload == null || payload == null) {
      return payload != null ? payload : workload != null ? workload : Map.of();
    }
    Map<String, @Nullable Object> both = new LinkedHashMap<>(workload);
    both.putAll(payload);
    return both;
  }

  private @Nullable String pool(Map<String, @Nullable Object> body) {
    String pool = Members.text(body, "execution_pool");
    if (pool != null && !pools.knows(pool)) {
      throw Members.fault(
          "execution_pool",
          "Expected execution_pool to be one of "
              + String.join(", ", pools.pools())
              + ", but got '"
              + pool
              + "'");
    }
    return pool;
  }

  private static @Nullable Dedup dedup(
      Map<String, @Nullable Object> body, @Nullable String headerKey) {
    Map<String, @Nullable Object> asked = Members.map(body, "dedup");
    String key = headerKey;
    Duration window = DEDUP_WINDOW;
    if (key == null && asked != null) {
      key = Members.requiredText(asked, "key");
      Long seconds = Members.number(asked, "window_secs");
      if (seconds != null) {
        window = Duration.ofSeconds(Math.max(0, seconds));
      }
    }
    if (key == null) {
      return null;
    }
    if (key.isBlank() || key.length() > MAX_KEY) {
      throw Members.fault(
          "dedup.key",
          "Expected an idempotency key of 1 to "
              + MAX_KEY
              + " characters, but got "
              + key.length());
    }
    Map<String, @Nullable Object> request = new LinkedHashMap<>(body);
    request.remove("dedup");
    request.remove("trace");
    return new Dedup(key, window, sha256(Json.bytes(request)));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected every JDK to have SHA-256", e);
    }
  }
}
