package io.noetl.api;

import io.noetl.catalog.PluginPath;
import io.noetl.envelope.Ids;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Outbox;
import io.noetl.upkeep.Purge;
import io.noetl.verify.Diagnosis;
import io.noetl.verify.Doctor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The functions behind {@code host_system_call}, each with a grant by its exact name. Those that
 * look after the whole installation are for plug-ins below {@code system/} only, whatever a grant
 * says.
 */
final class SystemCalls {
  /** Executions that one call of the doctor looks at. */
  private static final int MAX_STUCK = 100;

  private static final int MAX_DAYS = 36_500;

  /** A function, and whether it is for the system's own plug-ins only. */
  private record SystemFunction(
      boolean system, Function<Asked, Map<String, @Nullable Object>> body) {}

  /**
   * Who asks.
   *
   * @param path of the plug-in
   * @param execution that it works for
   */
  record Asked(
      String tenant, String path, ExecutionRow execution, Map<String, @Nullable Object> args) {}

  private final BuildInfo build;
  private final Outbox outbox;
  private final Purge purge;
  private final Doctor doctor;
  private final Map<String, SystemFunction> functions;

  SystemCalls(BuildInfo build, Outbox outbox, Purge purge, Doctor doctor) {
    this.build = build;
    this.outbox = outbox;
    this.purge = purge;
    this.doctor = doctor;
    Map<String, SystemFunction> known = new LinkedHashMap<>();
    known.put("execution.status", new SystemFunction(false, SystemCalls::status));
    known.put("version", new SystemFunction(false, _ -> version()));
    known.put("outbox.pending", new SystemFunction(true, _ -> pending()));
    known.put("retention.purge", new SystemFunction(true, this::purge));
    known.put("doctor.stuck", new SystemFunction(true, this::stuck));
    known.put("doctor.repair", new SystemFunction(true, this::repair));
    this.functions = Map.copyOf(known);
  }

  Map<String, @Nullable Object> serve(String name, Asked asked) {
    SystemFunction function = functions.get(name);
    if (function == null) {
      throw Problems.notFound(
              "Expected one of "
                  + String.join(", ", functions.keySet().stream().sorted().toList())
                  + ", but got "
                  + name)
          .refusal();
    }
    if (function.system() && !PluginPath.system(asked.path())) {
      throw new Problem(
              403, "denied", name + " is for plug-ins below system/, not for " + asked.path())
          .refusal();
    }
    return function.body().apply(asked);
  }

  private static Map<String, @Nullable Object> status(Asked asked) {
    ExecutionRow own = asked.execution();
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("execution_id", Ids.text(own.executionId()));
    reply.put("path", own.path());
    reply.put("status", own.status().name());
    reply.put("steps_done", own.stepsDone());
    reply.put("steps_failed", own.stepsFailed());
    return reply;
  }

  private Map<String, @Nullable Object> version() {
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("version", build.version());
    reply.put("commit", build.commit());
    return reply;
  }

  private Map<String, @Nullable Object> pending() {
    Outbox.Pending pending = outbox.pending();
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("pending", pending.events());
    reply.put("oldest_seconds", pending.oldestSeconds());
    return reply;
  }

  private Map<String, @Nullable Object> purge(Asked asked) {
    Purge.Purged purged =
        purge.purge(
            new Purge.Ages(
                Duration.ofDays(number(asked, "command_retention_days", 7, MAX_DAYS)),
                Duration.ofMinutes(number(asked, "runtime_stale_minutes", 60, MAX_DAYS * 1440)),
                Duration.ofDays(number(asked, "event_retention_days", 0, MAX_DAYS)),
                Duration.ofDays(number(asked, "result_retention_days", 0, MAX_DAYS))),
            Members.flag(asked.args(), "dry_run", false));
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("commands_purged", purged.commands());
    reply.put("runtime_purged", purged.runtimes());
    reply.put("executions_purged", purged.executions());
    reply.put("events_purged", purged.events());
    reply.put("event_partitions_dropped", purged.partitions());
    reply.put("results_purged", purged.results());
    reply.put("more", purged.more());
    return reply;
  }

  private Map<String, @Nullable Object> stuck(Asked asked) {
    List<@Nullable Object> found = new ArrayList<>();
    Duration grace = Duration.ofSeconds(number(asked, "grace_seconds", 30, 86_400));
    for (Doctor.Stuck stuck : doctor.stuck(asked.tenant(), grace, MAX_STUCK)) {
      found.add(Ids.text(stuck.executionId()));
    }
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("executions", found);
    return reply;
  }

  private Map<String, @Nullable Object> repair(Asked asked) {
    List<@Nullable Object> repaired = new ArrayList<>();
    List<@Nullable Object> broken = new ArrayList<>();
    Duration grace = Duration.ofSeconds(number(asked, "grace_seconds", 30, 86_400));
    List<Doctor.Stuck> found = doctor.stuck(asked.tenant(), grace, MAX_STUCK);
    for (Doctor.Stuck stuck : found) {
      Diagnosis diagnosis = doctor.repair(stuck.tenantId(), stuck.executionId());
      for (Diagnosis.Repair repair : diagnosis.repairs()) {
        Map<String, @Nullable Object> shown = repair.members();
        shown.put("execution_id", Ids.text(stuck.executionId()));
        repaired.add(shown);
      }
      if (diagnosis.broken()) {
        broken.add(Ids.text(stuck.executionId()));
      }
    }
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("examined", found.size());
    reply.put("repaired", repaired);
    reply.put("broken", broken);
    return reply;
  }

  private static int number(Asked asked, String name, int missing, int most) {
    Long value = Members.number(asked.args(), name);
    if (value == null) {
      return missing;
    }
    if (value < 0 || value > most) {
      throw Members.fault(name, "Expected " + name + " from 0 to " + most + ", but got " + value);
    }
    return value.intValue();
  }
}
