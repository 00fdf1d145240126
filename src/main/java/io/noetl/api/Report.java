package io.noetl.api;

import io.noetl.envelope.EventType;
import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.journal.Take;
import io.noetl.json.Json;
import io.noetl.playbook.value.Outcome;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One event from outside, read and checked.
 *
 * @param type its name, older names replaced by today's
 * @param commandId the command that it is about, or null
 * @param outcome what it says the call came to, or null
 * @param writes variables that the command set
 * @param fence of the claim that it reports for; null from workers that know no fences
 * @param envelope what is stored when it is only recorded
 * @param producerId the event's id as the producer made it, or null
 * @param idempotencyKey the producer's key, or null
 */
record Report(
    String type,
    long executionId,
    @Nullable Long commandId,
    @Nullable String step,
    @Nullable Outcome outcome,
    List<CtxWrite> writes,
    @Nullable Long fence,
    @Nullable Integer attempt,
    @Nullable String workerId,
    @Nullable Instant claimedAt,
    Map<String, @Nullable Object> envelope,
    @Nullable String producerId,
    @Nullable String idempotencyKey,
    @Nullable Take take) {

  /** The member that keeps the producer's id of an event. */
  static final String PRODUCER_ID = "producer_event_id";

  /** The member that keeps the producer's key of an event. */
  static final String IDEMPOTENCY_KEY = "idempotency_key";

  /** Most commands that a worker may take in exchange for one report. */
  private static final int MAX_TAKE = 64;

  /** Whether it ends its command, so that something is decided. */
  boolean ends() {
    return type.equals(EventType.COMMAND_COMPLETED) || type.equals(EventType.COMMAND_FAILED);
  }

  /** Whether it is one of the steps on the way to the end of a command. */
  boolean aboutCommand() {
    return commandId != null
        && (ends()
            || type.equals(EventType.COMMAND_STARTED)
            || type.equals(EventType.CONTAINER_DISPATCHED)
            || type.equals(EventType.CALL_DONE)
            || type.equals(EventType.CALL_ERROR)
            || type.equals(EventType.STEP_EXIT));
  }

  /**
   * Reads an event.
   *
   * @param bytes of the body that the event came in: a small one is not measured part by part
   * @param executionId of a batch, used when the event names none
   * @param workerId of a batch, likewise
   * @throws Problem.Refusal 413 or 422 with the member that is wrong
   */
  static Report of(
      Map<String, @Nullable Object> body,
      int bytes,
      @Nullable Long executionId,
      @Nullable String workerId,
      ApiLimits limits) {
    String given = Members.text(body, "event_type");
    String type = ReportTypes.today(given != null ? given : Members.requiredText(body, "name"));
    ReportTypes.check(type);
    Map<String, @Nullable Object> context = context(body);
    Map<String, @Nullable Object> meta = Members.map(body, "meta");
    Map<String, @Nullable Object> metaOrNone = meta == null ? Map.of() : meta;
    String step = Members.text(body, "step");
    if (step == null) {
      step = Members.text(body, "node_name");
    }
    Long ownExecution = Members.id(body, "execution_id");
    Long execution = ownExecution != null ? ownExecution : executionId;
    if (execution == null) {
      throw Members.missing("execution_id");
    }
    String worker = worker(body, metaOrNone, workerId);
    Long commandId = commandId(body, metaOrNone, context);
    Outcome outcome = outcome(type, body, context, bytes, limits);
    checkSize(bytes, "meta", meta, "limits.meta", limits.metaBytes());
    Long fence = Members.number(metaOrNone, "fence");
    Long attempt = Members.number(metaOrNone, "attempt");
    String producerId = producerId(body);
    String key = Members.text(metaOrNone, IDEMPOTENCY_KEY);
    boolean decides =
        type.equals(EventType.COMMAND_COMPLETED) || type.equals(EventType.COMMAND_FAILED);
    return new Report(
        type,
        execution,
        commandId,
        step,
        outcome,
        writes(context),
        fence,
        attempt == null
            ? (Integer) null
            : (Integer) (int) Math.clamp(attempt, 0L, (long) Integer.MAX_VALUE),
        worker,
        time(metaOrNone),
        decides
            ? Map.of()
            : envelope(body, type, step, worker, context, meta, producerId, key, outcome),
        producerId,
        key,
        take(body));
  }

  private static Map<String, @Nullable Object> context(Map<String, @Nullable Object> body) {
    Map<String, @Nullable Object> context = Members.map(body, "context");
    Map<String, @Nullable Object> payload = Members.map(body, "payload");
    return context != null ? context : payload != null ? payload : Map.of();
  }

  private static @Nullable String worker(
      Map<String, @Nullable Object> body,
      Map<String, @Nullable Object> meta,
      @Nullable String missing) {
    String worker = Members.text(body, "worker_id");
    if (worker == null) {
      worker = Members.text(meta, "worker_id");
    }
    return worker == null ? missing : worker;
  }

  private static @Nullable Long commandId(
      Map<String, @Nullable Object> body,
      Map<String, @Nullable Object> meta,
      Map<String, @Nullable Object> context) {
    for (Map<String, @Nullable Object> place : List.of(body, meta, context)) {
      Long found = Members.id(place, "command_id");
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable Outcome outcome(
      String type,
      Map<String, @Nullable Object> body,
      Map<String, @Nullable Object> context,
      int bytes,
      ApiLimits limits) {
    boolean failed = type.equals(EventType.COMMAND_FAILED) || type.equals(EventType.CALL_ERROR);
    if (!failed && !type.equals(EventType.COMMAND_COMPLETED) && !type.equals(EventType.CALL_DONE)) {
      return null;
    }
    Object result = context.containsKey("result") ? context.get("result") : body.get("result");
    checkSize(bytes, "result", result, "limits.inline-result", limits.resultBytes());
    Object error = context.get("error") == null ? body.get("error") : context.get("error");
    if (result == null && error == null && context.containsKey("data")) {
      result = Map.of("status", failed ? "error" : "ok", "data", data(context));
    }
    return ReportedOutcome.of(result, error, failed);
  }

  private static Object data(Map<String, @Nullable Object> context) {
    Object data = context.get("data");
    return data == null ? Map.of() : data;
  }

  /** A small body cannot hold a large member, so most are never measured. */
  private static void checkSize(
      int bytes, String member, @Nullable Object value, String limit, int most) {
    if (value == null || bytes <= most) {
      return;
    }
    int size = Json.bytes(value).length;
    if (size > most) {
      throw Problems.tooLarge("the " + member + " of an event", limit, most, size + " bytes")
          .with("hint", "store it with PUT /api/result")
          .refusal();
    }
  }

  private static List<CtxWrite> writes(Map<String, @Nullable Object> context) {
    List<@Nullable Object> given = Members.list(context, "writes");
    if (given == null || given.isEmpty()) {
      return List.of();
    }
    List<CtxWrite> writes = new ArrayList<>(given.size());
    for (int i = 0; i < given.size(); i++) {
      String place = "context.writes[" + i + "]";
      Map<String, @Nullable Object> write = Members.item(given.get(i), place);
      if (!(write.get("path") instanceof List<?> path)
          || path.isEmpty()
          || !path.stream().allMatch(String.class::isInstance)) {
        throw Members.fault(place + ".path", "Expected " + place + ".path to be an array of names");
      }
      writes.add(new CtxWrite(path.stream().map(String.class::cast).toList(), write.get("value")));
    }
    return writes;
  }

  private static @Nullable String producerId(Map<String, @Nullable Object> body) {
    Long id = Members.id(body, "event_id");
    return id == null ? null : Ids.text(id);
  }

  /** The record of a claim; a worker that sends nonsense loses only that. */
  private static @Nullable Instant time(Map<String, @Nullable Object> meta) {
    if (!(meta.get("claimed_at") instanceof String text)) {
      return null;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw Members.fault(
          "meta.claimed_at", "Expected meta.claimed_at to be a time, but got '" + text + "'");
    }
  }

  private static Map<String, @Nullable Object> envelope(
      Map<String, @Nullable Object> body,
      String type,
      @Nullable String step,
      @Nullable String worker,
      Map<String, @Nullable Object> context,
      @Nullable Map<String, @Nullable Object> meta,
      @Nullable String producerId,
      @Nullable String key,
      @Nullable Outcome outcome) {
    Map<String, @Nullable Object> envelope = new LinkedHashMap<>();
    put(envelope, "step", step);
    put(envelope, "status", ReportTypes.status(type, Members.text(body, "status")));
    put(envelope, "worker_id", worker);
    if (!context.isEmpty()) {
      Map<String, @Nullable Object> kept = new LinkedHashMap<>(context);
      if (outcome != null) {
        // It becomes the result of the event.
        kept.remove("result");
      }
      envelope.put("context", kept);
    }
    put(envelope, "meta", meta);
    put(
        envelope,
        "timestamp",
        body.get("created_at") != null ? body.get("created_at") : body.get("timestamp"));
    put(envelope, PRODUCER_ID, producerId);
    put(envelope, IDEMPOTENCY_KEY, key);
    for (String flag : List.of("actionable", "informative")) {
      if (!Members.flag(body, flag, true)) {
        envelope.put(flag, false);
      }
    }
    return envelope;
  }

  private static void put(Map<String, @Nullable Object> out, String name, @Nullable Object value) {
    if (value != null) {
      out.put(name, value);
    }
  }

  private static @Nullable Take take(Map<String, @Nullable Object> body) {
    Map<String, @Nullable Object> take = Members.map(body, "take");
    if (take == null) {
      return null;
    }
    Long max = Members.number(take, "max");
    if (max == null || max < 1) {
      return null;
    }
    return new Take(
        Members.requiredText(take, "worker_id"),
        Members.requiredText(take, "pool"),
        (int) Math.min(max, MAX_TAKE));
  }
}
