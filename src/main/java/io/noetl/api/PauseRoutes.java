package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionIntent;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pausing executions, and letting them go on. */
final class PauseRoutes implements Resource {
  private final IntentHandler intents;
  private final Owners owners;

  PauseRoutes(IntentHandler intents, Owners owners) {
    this.intents = intents;
    this.owners = owners;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .post("/api/executions/{id}/pause", AccessClass.USER, this::pause)
        .post("/api/executions/{id}/resume", AccessClass.USER, this::resume);
  }

  private Reply pause(Call call) {
    long id = call.pathId("id");
    owners.require(call.tenant(), id);
    String reason = Members.text(call.jsonOrEmpty(), "reason", "paused by " + call.subject());
    IntentReply.Accepted accepted = accepted(call, id, new ExecutionIntent.Pause(reason));
    return accepted.events().isEmpty()
        ? shown(id, "already_paused", 0, "execution " + id + " was paused before")
        : shown(id, "paused", 0, "what runs may finish, nothing new is started: " + reason);
  }

  private Reply resume(Call call) {
    long id = call.pathId("id");
    owners.require(call.tenant(), id);
    String reason = Members.text(call.jsonOrEmpty(), "reason", "resumed by " + call.subject());
    IntentReply.Accepted accepted = accepted(call, id, new ExecutionIntent.Unpause(reason));
    return accepted.events().isEmpty()
        ? shown(id, "already_running", 0, "execution " + id + " is not paused")
        : shown(id, "resumed", accepted.issued(), "it goes on: " + reason);
  }

  private IntentReply.Accepted accepted(Call call, long id, ExecutionIntent intent) {
    return switch (intents.handle(call.tenant(), id, intent)) {
      case IntentReply.Accepted accepted -> accepted;
      case IntentReply.Rejected rejected -> throw Problems.of(rejected).refusal();
      case IntentReply.Busy busy -> throw Problems.of(busy).refusal();
      case IntentReply.Duplicate duplicate ->
          throw new IllegalStateException(
              "Expected a pause not to be a repeated start (execution="
                  + duplicate.executionId()
                  + ")");
    };
  }

  private static Reply shown(long id, String status, int commands, String message) {
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("execution_id", Ids.text(id));
    reply.put("status", status);
    reply.put("commands_generated", commands);
    reply.put("message", message);
    return Reply.ok(reply);
  }
}
