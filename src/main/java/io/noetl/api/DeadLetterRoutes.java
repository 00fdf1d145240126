package io.noetl.api;

import io.noetl.command.CommandLeases;
import io.noetl.command.CommandQueue.CommandRow;
import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionState;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.upkeep.DeadMessages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What nobody could handle: commands whose attempts were used up ({@code /api/commands?dead=true})
 * and messages of the bus. One call tries each again.
 */
final class DeadLetterRoutes implements Resource {
  private final DeadMessages messages;
  private final CommandLeases leases;
  private final IntentHandler intents;
  private final LongSupplier ids;
  private final ApiLimits limits;

  DeadLetterRoutes(
      DeadMessages messages,
      CommandLeases leases,
      IntentHandler intents,
      LongSupplier ids,
      ApiLimits limits) {
    this.messages = messages;
    this.leases = leases;
    this.intents = intents;
    this.ids = ids;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/api/dead-messages", AccessClass.USER, this::list)
        .post("/api/dead-messages", AccessClass.WORKER, this::keep)
        .post("/api/dead-messages/{id}/retry", AccessClass.USER, this::retryMessage)
        .delete("/api/dead-messages/{id}", AccessClass.USER, this::dropMessage)
        .delete("/api/commands/{id}", AccessClass.USER, this::dropCommand)
        .post("/api/commands/{id}/retry", AccessClass.USER, this::retryCommand);
  }

  private Reply list(Call call) {
    int limit = call.queryNumber("limit", limits.usualPageSize(), 1, limits.pageSize());
    List<@Nullable Object> items = new ArrayList<>();
    messages.list(call.tenant(), limit).forEach(kept -> items.add(shown(kept)));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("items", items);
    out.put("count", items.size());
    return Reply.ok(out);
  }

  static Map<String, @Nullable Object> shown(DeadMessages.Kept kept) {
    DeadMessages.Report report = kept.report();
    Map<String, @Nullable Object> item = new LinkedHashMap<>();
    item.put("message_id", Ids.text(kept.messageId()));
    item.put("subject", report.subject());
    item.put("reason", Scrub.text(report.reason()));
    item.put("reporter", report.reporter());
    if (report.executionId() != null) {
      item.put("execution_id", Ids.text(report.executionId()));
    }
    if (report.commandId() != null) {
      item.put("command_id", Ids.text(report.commandId()));
    }
    item.put("body", Scrub.text(report.body()));
    item.put("created_at", kept.at().toString());
    return item;
  }

  private Reply keep(Call call) {
    Map<String, @Nullable Object> body = call.json();
    boolean kept =
        messages.keep(
            call.home(),
            new DeadMessages.Report(
                Members.requiredText(body, "subject"),
                Members.text(body, "body", ""),
                Members.requiredText(body, "reason"),
                Members.requiredText(body, "worker_id"),
                Members.id(body, "execution_id"),
                Members.id(body, "command_id")));
    return Reply.ok(Map.of("status", kept ? "kept" : "full"));
  }

  private Reply retryMessage(Call call) {
    long id = call.pathId("id");
    if (!messages.retry(call.tenant(), id)) {
      throw Problems.notFound("dead message " + id + " not found").refusal();
    }
    return Reply.ok(Map.of("status", "retried", "message_id", Ids.text(id)));
  }

  private Reply dropMessage(Call call) {
    long id = call.pathId("id");
    if (!messages.drop(call.tenant(), id)) {
      throw Problems.notFound("dead message " + id + " not found").refusal();
    }
    return Reply.ok(Map.of("status", "dropped", "message_id", Ids.text(id)));
  }

  private Reply dropCommand(Call call) {
    CommandRow row = dead(call);
    messages.forgetCommand(call.tenant(), row.commandId());
    return Reply.ok(Map.of("status", "dropped", "command_id", Ids.text(row.commandId())));
  }

  private CommandRow dead(Call call) {
    long id = call.pathId("id");
    CommandRow row =
        leases
            .row(id)
            .filter(found -> found.tenantId().equals(call.tenant()))
            .orElseThrow(() -> Problems.notFound("command " + id + " not found").refusal());
    if (!row.status().equals("DEAD")) {
      throw Problems.conflict("conflict", "command " + id + " is not dead: it is " + row.status())
          .refusal();
    }
    return row;
  }

  /**
   * Nothing is added to an execution that has ended, so its playbook is started once more, in the
   * same version and with the same payload. A call that died half-way may be repeated: it finds the
   * execution that was started.
   */
  private Reply retryCommand(Call call) {
    CommandRow row = dead(call);
    long id = row.commandId();
    ExecutionState state = intents.state(row.executionId());
    if (!state.status().terminal()) {
      throw Problems.conflict(
              "conflict",
              "execution "
                  + row.executionId()
                  + " goes on: its playbook handled the failure of command "
                  + id)
          .refusal();
    }
    Started begun = state.begun();
    Map<String, @Nullable Object> payload = new LinkedHashMap<>();
    begun.payloadKeys().forEach(key -> payload.put(key, begun.workload().get(key)));
    long executionId = ids.getAsLong();
    String key = "retry-of-command-" + id;
    IntentReply reply =
        intents.handle(
            call.tenant(),
            executionId,
            new ExecutionIntent.Start(
                begun.catalogId(),
                begun.path(),
                begun.version(),
                payload,
                null,
                null,
                begun.pool(),
                begun.settings()),
            null,
            key,
            key);
    long started =
        switch (reply) {
          case IntentReply.Accepted _ -> executionId;
          case IntentReply.Duplicate first -> first.executionId();
          case IntentReply.Rejected no -> throw Problems.of(no).refusal();
          case IntentReply.Busy busy -> throw Problems.of(busy).refusal();
        };
    messages.forgetCommand(call.tenant(), id);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", "retried");
    out.put("command_id", Ids.text(id));
    out.put("retry_of", Ids.text(row.executionId()));
    out.put("execution_id", Ids.text(started));
    return Reply.ok(out);
  }
}
