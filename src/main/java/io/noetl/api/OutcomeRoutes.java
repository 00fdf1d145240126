package io.noetl.api;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.Awaited.Until;
import io.noetl.execution.ChildOutcome;
import io.noetl.execution.ExecutionState;
import io.noetl.journal.Definitions;
import io.noetl.journal.IntentHandler;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import io.noetl.result.StoredResults;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an execution comes to for a task that has started it from inside a sequence. */
final class OutcomeRoutes implements Resource {
  /** Longest wait of one request, in milliseconds: less than clients wait for a reply. */
  private static final int MAX_WAIT_MS = 20_000;

  private final Executions executions;
  private final IntentHandler intents;
  private final Definitions definitions;
  private final EventFeed feed;
  private final StoredResults results;

  OutcomeRoutes(
      Executions executions,
      IntentHandler intents,
      Definitions definitions,
      EventFeed feed,
      StoredResults results) {
    this.executions = executions;
    this.intents = intents;
    this.definitions = definitions;
    this.feed = feed;
    this.results = results;
  }

  @Override
  public void routing(Routes routes) {
    routes.get("/api/executions/{id}/outcome", AccessClass.WORKER, this::outcome);
  }

  private Reply outcome(Call call) {
    long id = call.pathId("id");
    Until until = until(call.query("until"));
    String step = call.query("step");
    if (until == Until.STEP && step == null) {
      throw Problems.badRequest("Expected the query parameter step with until=step").refusal();
    }
    ExecutionRow row = row(call, id);
    if (until != Until.STARTED && !row.status().terminal()) {
      row = awaited(call, id, call.queryNumber("wait_ms", 0, 0, MAX_WAIT_MS));
    }
    boolean come = until == Until.STARTED || row.status().terminal();
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", io.noetl.envelope.Ids.text(id));
    out.put("status", row.status().name());
    if (come) {
      ExecutionState state = intents.state(id);
      out.put(
          "outcome",
          ChildOutcome.of(
                  until,
                  step,
                  state,
                  definitions.get(state.begun().catalogId()).playbook(),
                  results.of(call.tenant()))
              .toMap());
    }
    return Reply.ok(out);
  }

  private ExecutionRow row(Call call, long id) {
    return executions.find(call.tenant(), id).orElseThrow(() -> Owners.notFound(id));
  }

  /** The row when the execution has ended, or when the time is over. Holds no connection. */
  private ExecutionRow awaited(Call call, long id, int waitMs) {
    long end = System.nanoTime() + Duration.ofMillis(waitMs).toNanos();
    try (EventFeed.Watch watch = feed.watch(id, _ -> {})) {
      while (true) {
        ExecutionRow row = row(call, id);
        long left = end - System.nanoTime();
        if (row.status() != ExecutionStatus.RUNNING && row.status() != ExecutionStatus.PAUSED
            || left <= 0
            || !watch.await(row.seq(), Duration.ofNanos(left))) {
          return row;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return row(call, id);
    }
  }

  private static Until until(@Nullable String word) {
    for (Until until : Until.values()) {
      if (until.name().toLowerCase(Locale.ROOT).equals(word)) {
        return until;
      }
    }
    throw Problems.badRequest(
            "Expected until to be started, step or result, but got '" + word + "'")
        .refusal();
  }
}
