package io.noetl.schedule;

import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogEntry;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.Rejection;
import io.noetl.journal.Definitions;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.wait.Cascade;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Starts the execution of one fire time, and cancels those before it. */
final class ScheduleStarter {
  /** In the payload of every execution that a schedule starts. */
  static final String MEMBER = "schedule";

  private final Catalog catalog;
  private final Definitions definitions;
  private final IntentHandler intents;
  private final Cascade cascade;
  private final ExecutionSettings semantics;

  ScheduleStarter(
      Catalog catalog,
      Definitions definitions,
      IntentHandler intents,
      Cascade cascade,
      ExecutionSettings semantics) {
    this.catalog = catalog;
    this.definitions = definitions;
    this.intents = intents;
    this.cascade = cascade;
    this.semantics = semantics;
  }

  /** What became of an attempt. */
  sealed interface Attempt {}

  /**
   * It runs, now or since before.
   *
   * @param executionId usually the one of the fire time
   */
  record Begun(long executionId) implements Attempt {}

  /** It can never run. */
  record Refused(String sentence) implements Attempt {}

  /** The server is busy: later. */
  record Later() implements Attempt {}

  Attempt start(ScheduleSpec spec, Fire fire) {
    Optional<CatalogEntry> found =
        catalog.headByPath(fire.tenantId(), spec.playbook(), spec.version());
    String refusal = found.isEmpty() ? missing(fire.tenantId(), spec) : refusal(found.get());
    if (found.isEmpty() || refusal != null) {
      return new Refused(String.valueOf(refusal));
    }
    CatalogEntry entry = found.get();
    ExecutionIntent.Start start =
        new ExecutionIntent.Start(
            entry.catalogId(),
            entry.path(),
            entry.version(),
            payload(spec, fire),
            null,
            null,
            spec.pool(),
            semantics);
    // The id alone makes it one start; the key also holds after the fire time was forgotten.
    String key = "schedule:" + fire.path() + ":" + fire.fireAt();
    return switch (intents.handle(fire.tenantId(), fire.executionId(), start, null, key, MEMBER)) {
      case IntentReply.Accepted _ -> new Begun(fire.executionId());
      case IntentReply.Duplicate duplicate -> new Begun(duplicate.executionId());
      case IntentReply.Rejected rejected -> new Refused(rejected.sentence());
      case IntentReply.Busy _ -> new Later();
    };
  }

  private static Map<String, @Nullable Object> payload(ScheduleSpec spec, Fire fire) {
    Map<String, @Nullable Object> payload = new LinkedHashMap<>(spec.payload());
    Map<String, @Nullable Object> own = new LinkedHashMap<>();
    own.put("path", fire.path());
    own.put("fire_time", fire.fireAt().toString());
    own.put("backfill", fire.backfill());
    payload.putIfAbsent(MEMBER, own);
    return payload;
  }

  private String missing(String tenantId, ScheduleSpec spec) {
    if (spec.version() == null && catalog.knows(tenantId, spec.playbook())) {
      return "every version of " + spec.playbook() + " is archived";
    }
    return spec.playbook()
        + (spec.version() == null ? "" : " version " + spec.version())
        + " not found in the catalog";
  }

  private @Nullable String refusal(CatalogEntry entry) {
    if (!entry.kind().equals(CatalogEntry.PLAYBOOK)) {
      return "Expected " + entry.path() + " to be a Playbook, but it is a " + entry.kind();
    }
    if (entry.archived()) {
      return entry.path() + " version " + entry.version() + " is archived; restore it first";
    }
    try {
      // Parsed here and not on the lane that decides for many.
      definitions.get(entry.catalogId());
      return null;
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /**
   * Cancels an earlier execution and what it has started.
   *
   * @return false when the server is busy
   */
  boolean cancel(String tenantId, long executionId, String reason) {
    return switch (intents.handle(tenantId, executionId, new ExecutionIntent.Cancel(reason))) {
      case IntentReply.Accepted _ -> {
        cascade.cancelChildren(tenantId, executionId, reason);
        yield true;
      }
      case IntentReply.Rejected rejected -> rejected.reason() == Rejection.ALREADY_TERMINAL;
      case IntentReply.Busy _ -> false;
      case IntentReply.Duplicate duplicate ->
          throw new IllegalStateException(
              "Expected a cancellation not to be a repeated start (execution="
                  + duplicate.executionId()
                  + ")");
    };
  }
}
