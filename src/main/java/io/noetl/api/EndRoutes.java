package io.noetl.api;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.Rejection;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.wait.Cascade;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ending executions by hand. */
final class EndRoutes implements Resource {
  private final Cascade cascade;
  private final IntentHandler intents;
  private final Owners owners;

  EndRoutes(Cascade cascade, IntentHandler intents, Owners owners) {
    this.cascade = cascade;
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
    boolean children = Members.flag(body, "cascade", true);
    List<String> cancelled = new ArrayList<>();
    boolean ended = ended(call.tenant(), id, new ExecutionIntent.Cancel(reason, children));
    if (ended) {
      cancelled.add(Ids.text(id));
    }
    if (children) {
      cancelled.addAll(cancelChildren(call.tenant(), id, reason));
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

  private List<String> cancelChildren(String tenant, long executionId, String reason) {
    try {
      return cascade.cancelChildren(tenant, executionId, reason).stream().map(Ids::text).toList();
    } catch (Cascade.BusyException e) {
      throw Problems.of(new IntentReply.Busy(String.valueOf(e.getMessage()), 1)).refusal();
    }
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
    if (ended) {
      cancelChildren(call.tenant(), id, sentence);
    }
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
