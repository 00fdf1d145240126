package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.Rejection;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.query.Executions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cancels what has run for too long. */
final class CleanupRoutes implements Resource {
  /** Longest age that may be asked for: a hundred years. */
  private static final long MAX_MINUTES = 100L * 365 * 24 * 60;

  private final Executions executions;
  private final IntentHandler intents;
  private final InstantSource clock;
  private final ApiLimits limits;

  CleanupRoutes(
      Executions executions, IntentHandler intents, InstantSource clock, ApiLimits limits) {
    this.executions = executions;
    this.intents = intents;
    this.clock = clock;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes.post("/api/executions/cleanup", AccessClass.USER, this::cleanup);
  }

  private Reply cleanup(Call call) {
    Map<String, @Nullable Object> body = call.json();
    Long minutes = Members.number(body, "older_than_minutes");
    if (minutes == null) {
      throw Members.missing("older_than_minutes");
    }
    if (minutes < 1 || minutes > MAX_MINUTES) {
      throw Members.fault(
          "older_than_minutes",
          "Expected older_than_minutes from 1 to " + MAX_MINUTES + ", but got " + minutes);
    }
    boolean onlyLook = Members.flag(body, "dry_run", false);
    List<Long> old =
        executions.runningSince(
            call.tenant(), clock.instant().minus(Duration.ofMinutes(minutes)), limits.batchItems());
    List<String> cancelled = new ArrayList<>();
    for (long id : old) {
      if (onlyLook || cancelled(call.tenant(), id, minutes)) {
        cancelled.add(Ids.text(id));
      }
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("cancelled_count", onlyLook ? 0 : cancelled.size());
    out.put("execution_ids", cancelled);
    out.put(
        "message",
        (onlyLook ? "would cancel " : "cancelled ")
            + cancelled.size()
            + " executions older than "
            + minutes
            + " minutes"
            + (old.size() == limits.batchItems()
                ? "; there may be more (limits.batch-items is " + limits.batchItems() + ")"
                : ""));
    return Reply.ok(out);
  }

  private boolean cancelled(String tenant, long executionId, long minutes) {
    IntentReply reply =
        intents.handle(
            tenant,
            executionId,
            new ExecutionIntent.Cancel("it had run for more than " + minutes + " minutes"));
    return switch (reply) {
      case IntentReply.Accepted _ -> true;
      case IntentReply.Rejected rejected -> {
        if (rejected.reason() == Rejection.ALREADY_TERMINAL) {
          yield false;
        }
        throw Problems.of(rejected).refusal();
      }
      case IntentReply.Busy busy -> throw Problems.of(busy).refusal();
      case IntentReply.Duplicate duplicate ->
          throw new IllegalStateException(
              "Expected an end not to be a repeated start (execution="
                  + duplicate.executionId()
                  + ")");
    };
  }
}
