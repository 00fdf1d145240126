package io.noetl.api;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.Rejection;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.query.Executions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ending executions by hand. */
final class EndRoutes implements Resource {
  private final Executions executions;
  private final IntentHandler intents;
  private final Owners owners;

  EndRoutes(Executions executions, IntentHandler intents, Owners owners) {
    this.executions = executions;
    this.intents = intents;
    this.owners = owners;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .post("/api/executions/{id}/cancel", AccessClass.USER, this::cancel)
        .post("/api/executions/{id}/finalize", AccessClass.USER, this::end);
  }

  private Reply cancel(Call call) {
    long id = call.pathId("id");
    owners.require(call.tenant(), id);
    Map<String, @Nullable Object> body = call.jsonOrEmpty();
    String reason = Members.text(body, "reason", "cancelled by " + call.subject());
    boolean cascade = Members.flag(body, "cascade", true);
    List<String> cancelled = new ArrayList<>();
    boolean ended = cancelled(call.tenant(), id, reason);
    if (ended) {
      cancelled.add(Ids.text(id));
    }
    if (cascade) {
      cancelChildren(call.tenant(), id, reason, cancelled);
    }
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("execution_id", Ids.text(id));
    reply.put("status", ended ? "cancelled" : "already_completed");
    reply.put("cancelled_executions", cancelled);
    reply.put(
        "message",
        ended
            ? "cancelled " + cancelled.size() + " executions: " + reason
            : "execution " + id + " had ended before");
    return Reply.ok(reply);
  }

  /** The parent has ended, so no new child can appear while its children are visited. */
  private void cancelChildren(String tenant, long root, String reason, List<String> cancelled) {
    Deque<Long> parents = new ArrayDeque<>(List.of(root));
    while (!parents.isEmpty()) {
      for (long child : executions.liveChildren(tenant, parents.remove())) {
        if (cancelled(tenant, child, reason)) {
          cancelled.add(Ids.text(child));
        }
        parents.add(child);
      }
    }
  }

  /**
   * @return false when it had ended before
   */
  private boolean cancelled(String tenant, long executionId, String reason) {
    return ended(tenant, executionId, new ExecutionIntent.Cancel(reason));
  }

  private boolean ended(String tenant, long executionId, ExecutionIntent intent) {
    return switch (intents.handle(tenant, executionId, intent)) {
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

  private Reply end(Call call) {
    long id = call.pathId("id");
    owners.require(call.tenant(), id);
    Map<String, @Nullable Object> body = call.jsonOrEmpty();
    String error = Members.text(body, "error");
    String reason = Members.text(body, "reason");
    ExecutionStatus status = status(Members.text(body, "status"), error);
    String sentence =
        "ended by "
            + call.subject()
            + (reason == null ? "" : ": " + reason)
            + (error == null ? "" : ": " + error);
    boolean ended = ended(call.tenant(), id, new ExecutionIntent.Finalize(status, sentence));
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("execution_id", Ids.text(id));
    reply.put("status", ended ? "finalized" : "already_completed");
    reply.put("message", ended ? sentence : "execution " + id + " had ended before");
    return Reply.ok(reply);
  }

  private static ExecutionStatus status(@Nullable String word, @Nullable String error) {
    if (word == null) {
      return error == null ? ExecutionStatus.COMPLETED : ExecutionStatus.FAILED;
    }
    return switch (StatusWords.normal(word)) {
      case "COMPLETED" -> ExecutionStatus.COMPLETED;
      case "FAILED" -> ExecutionStatus.FAILED;
      case "CANCELLED" -> ExecutionStatus.CANCELLED;
      case null, default ->
          throw Members.fault(
              "status", "Expected status COMPLETED, FAILED or CANCELLED, but got '" + word + "'");
    };
  }
}
