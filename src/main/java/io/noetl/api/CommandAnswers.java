package io.noetl.api;

import io.noetl.command.Claim;
import io.noetl.envelope.Ids;
import io.noetl.execution.NewCommand;
import io.noetl.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A claimed command as a worker reads it: the one shape of claims and of commands handed back. */
final class CommandAnswers {
  private CommandAnswers() {}

  /** The context is text from the database and goes out as it is. */
  static Map<String, @Nullable Object> of(Claim.Granted claim, Duration lease) {
    return answer(
        claim.tenantId(),
        claim.commandId(),
        claim.executionId(),
        claim.step(),
        claim.visit(),
        claim.iteration(),
        claim.kind(),
        claim.pool(),
        new Json.Raw(claim.contextJson()),
        claim.attempt(),
        claim.fence(),
        lease,
        claim.claimedAt(),
        claim.leaseUntil(),
        claim.parkedJson());
  }

  /** A command that the decision itself claimed: first attempt, first fence. */
  static Map<String, @Nullable Object> of(
      String tenant, NewCommand command, Duration lease, Instant claimedAt) {
    return answer(
        tenant,
        command.commandId(),
        command.executionId(),
        command.step(),
        command.visit(),
        command.iteration(),
        command.kind().word(),
        command.pool(),
        command.context(),
        1,
        1,
        lease,
        claimedAt,
        claimedAt.plus(lease),
        null);
  }

  private static Map<String, @Nullable Object> answer(
      String tenant,
      long commandId,
      long executionId,
      String step,
      int visit,
      @Nullable Integer iteration,
      String kind,
      String pool,
      Object context,
      int attempt,
      long fence,
      Duration lease,
      Instant claimedAt,
      Instant leaseUntil,
      @Nullable String parkedJson) {
    String command = Ids.text(commandId);
    String execution = Ids.text(executionId);
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("command_id", command);
    meta.put("attempt", attempt);
    meta.put("fence", fence);
    meta.put("visit", visit);
    if (iteration != null) {
      meta.put("iteration", iteration);
    }
    meta.put("worker_pool", pool);
    meta.put("idempotency_key", execution + "/" + command);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", "ok");
    out.put("event_id", command);
    out.put("command_id", command);
    out.put("execution_id", execution);
    out.put("tenant_id", tenant);
    out.put("node_id", step);
    out.put("node_name", step);
    out.put("action", kind);
    out.put("pool", pool);
    out.put("context", context);
    out.put("meta", meta);
    out.put("attempt", attempt);
    out.put("fence", fence);
    out.put("lease_seconds", lease.toSeconds());
    out.put("lease_until", leaseUntil.toString());
    out.put("claimed_at", claimedAt.toString());
    if (parkedJson != null) {
      out.put("parked", new Json.Raw(parkedJson));
    }
    return out;
  }
}
