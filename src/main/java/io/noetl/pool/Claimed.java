package io.noetl.pool;

import io.noetl.envelope.Ids;
import io.noetl.json.JsonException;
import io.noetl.tool.ToolCall.Identity;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command that this worker holds, as the server's answer to a claim describes it.
 *
 * @param tenantId on whose behalf everything about it is asked of the server
 * @param leaseSeconds how long the worker may stay silent
 * @param claimedAt the server's time of the claim, for the record
 * @param action tool kind
 * @param context the command's document
 * @param parked what goes on outside for it since an earlier claim; empty = nothing does
 */
public record Claimed(
    String tenantId,
    long commandId,
    long executionId,
    String step,
    String action,
    int attempt,
    long fence,
    long leaseSeconds,
    @Nullable Instant claimedAt,
    Map<String, @Nullable Object> context,
    Map<String, @Nullable Object> parked) {

  /**
   * @throws JsonException when the answer lacks a member; the message names it
   */
  @SuppressWarnings("unchecked") // JSON objects have string keys
  static Claimed of(Map<String, @Nullable Object> answer) {
    if (!(answer.get("context") instanceof Map<?, ?> context)) {
      throw new JsonException("expected claim.context to be an object");
    }
    Object claimedAt = answer.get("claimed_at");
    return new Claimed(
        // A server of before tokens has one tenant.
        answer.get("tenant_id") instanceof String tenant ? tenant : Identity.NO_TENANTS,
        Ids.parse(answer.get("command_id"), "command_id"),
        Ids.parse(answer.get("execution_id"), "execution_id"),
        text(answer, "node_name"),
        text(answer, "action"),
        (int) number(answer, "attempt"),
        number(answer, "fence"),
        number(answer, "lease_seconds"),
        claimedAt == null ? null : Instant.parse(claimedAt.toString()),
        (Map<String, @Nullable Object>) context,
        answer.get("parked") instanceof Map<?, ?> parked
            ? (Map<String, @Nullable Object>) parked
            : Map.of());
  }

  private static String text(Map<String, @Nullable Object> answer, String name) {
    if (answer.get(name) instanceof String text) {
      return text;
    }
    throw new JsonException("expected claim." + name + " to be a string");
  }

  private static long number(Map<String, @Nullable Object> answer, String name) {
    if (answer.get(name) instanceof Number number) {
      return number.longValue();
    }
    throw new JsonException("expected claim." + name + " to be a number");
  }
}
