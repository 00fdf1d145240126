package io.noetl.api;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.execution.ExecutionState;
import io.noetl.journal.IntentHandler;
import io.noetl.json.Json;
import io.noetl.query.EventPages;
import io.noetl.query.EventRow;
import io.noetl.query.ExecutionFilter;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import io.noetl.query.ServedEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Executions: list, one, status, and whether it was cancelled. */
final class ExecutionRoutes implements Resource {
  /** Children that a status names; all of them are in the list of executions. */
  private static final int MOST_CHILDREN = 100;

  private final Executions executions;
  private final EventPages events;
  private final IntentHandler intents;
  private final Summaries summaries;
  private final TimeTravelRoutes travel;
  private final ApiLimits limits;

  ExecutionRoutes(
      Executions executions,
      EventPages events,
      IntentHandler intents,
      Summaries summaries,
      TimeTravelRoutes travel,
      ApiLimits limits) {
    this.travel = travel;
    this.executions = executions;
    this.events = events;
    this.intents = intents;
    this.summaries = summaries;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/api/executions", AccessClass.USER, this::list)
        .get("/api/executions/{id}", AccessClass.USER, this::one)
        .get("/api/executions/{id}/status", AccessClass.USER, this::status)
        .get("/api/executions/{id}/cancellation-check", AccessClass.WORKER, this::cancelled);
  }

  private Reply list(Call call) {
    int limit = call.queryNumber("limit", limits.usualPageSize(), 1, limits.pageSize());
    List<ExecutionRow> rows =
        executions.list(
            call.tenant(),
            new ExecutionFilter(
                call.queryId("catalog_id"),
                call.query("path"),
                status(call.query("status")),
                call.queryId("parent_execution_id"),
                call.queryTime("since"),
                call.queryTime("until"),
                Cursors.before(call.query("cursor")),
                Math.min(limit, ExecutionFilter.MAX_PAGE),
                call.queryNumber("offset", 0, 0, Integer.MAX_VALUE)));
    List<@Nullable Object> shown = new ArrayList<>(rows.size());
    for (ExecutionRow row : rows) {
      shown.add(summaries.summary(row));
    }
    Reply reply = Reply.ok(shown);
    return rows.size() < limit
        ? reply
        : Cursors.header(reply, Cursors.before(rows.getLast().executionId()));
  }

  private static @Nullable ExecutionStatus status(@Nullable String word) {
    if (word == null) {
      return null;
    }
    for (ExecutionStatus status : ExecutionStatus.values()) {
      if (status.name().equals(word.toUpperCase(Locale.ROOT))) {
        return status;
      }
    }
    throw Problems.badRequest(
            "Expected status to be RUNNING, PAUSED, COMPLETED, FAILED or CANCELLED, but got '"
                + word
                + "'")
        .refusal();
  }

  private ExecutionRow row(Call call) {
    long id = call.pathId("id");
    return executions.find(call.tenant(), id).orElseThrow(() -> Owners.notFound(id));
  }

  private Reply one(Call call) {
    ExecutionRow row = row(call);
    Reply before = travel.asOf(call, row);
    if (before != null) {
      return before;
    }
    int newest = limits.embeddedEvents();
    List<EventRow> found = embedded(row, newest);
    List<@Nullable Object> shown = new ArrayList<>(found.size());
    for (EventRow event : found) {
      shown.add(ServedEvent.of(event, row));
    }
    boolean all = row.seq() <= newest;
    Map<String, @Nullable Object> out = summaries.summary(row);
    first(row)
        .ifPresent(
            context -> {
              out.put("workload", Scrub.value(context.get("workload")));
              if (context.get("forked_from") != null) {
                out.put("forked_from", context.get("forked_from"));
              }
            });
    out.put("events", shown);
    out.put("events_included", all);
    out.put("events_endpoint", "/api/executions/" + row.executionId() + "/events");
    Map<String, @Nullable Object> pagination = new LinkedHashMap<>();
    pagination.put("page_size", newest);
    pagination.put("total_events", row.seq());
    pagination.put("has_prev", !all);
    out.put("pagination", pagination);
    return Reply.ok(out);
  }

  /** The newest events and, of the older ones, those that say that something failed. */
  private List<EventRow> embedded(ExecutionRow row, int newest) {
    int before = Math.max(0, row.seq() - newest);
    Map<Integer, EventRow> bySeq = new TreeMap<>();
    if (before > 0) {
      events
          .failures(row.executionId(), before, newest)
          .forEach(event -> bySeq.put(event.seq(), event));
    }
    events
        .range(row.executionId(), before, Integer.MAX_VALUE, newest)
        .forEach(event -> bySeq.put(event.seq(), event));
    return List.copyOf(bySeq.values());
  }

  /** The context of the first event: the effective workload, and where a fork comes from. */
  private Optional<Map<String, @Nullable Object>> first(ExecutionRow row) {
    return events.range(row.executionId(), 0, 1, 1).stream()
        .map(event -> Members.mapIfAny(Json.parseObject(event.payload()), "context"))
        .flatMap(Stream::ofNullable)
        .findFirst();
  }

  private Reply status(Call call) {
    ExecutionRow row = row(call);
    Map<String, @Nullable Object> out =
        summaries.status(row, events.completedSteps(row.executionId()));
    out.put("children", children(call.tenant(), row.executionId()));
    if (call.queryFlag("full")) {
      ExecutionState state = intents.state(row.executionId());
      out.put("variables", Scrub.value(new LinkedHashMap<>(state.ctx())));
    }
    return Reply.ok(out);
  }

  /** The newest of the executions that this one has started. */
  private List<Map<String, @Nullable Object>> children(String tenant, long executionId) {
    List<Map<String, @Nullable Object>> out = new ArrayList<>();
    for (ExecutionRow child : executions.children(tenant, executionId, MOST_CHILDREN)) {
      Map<String, @Nullable Object> shown = new LinkedHashMap<>();
      shown.put("execution_id", Ids.text(child.executionId()));
      shown.put("path", child.path());
      shown.put("status", child.status().name());
      out.add(shown);
    }
    return out;
  }

  private Reply cancelled(Call call) {
    ExecutionRow row = row(call);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(row.executionId()));
    out.put("is_cancelled", row.status() == ExecutionStatus.CANCELLED);
    return Reply.ok(out);
  }
}
