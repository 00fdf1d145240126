package io.noetl.api;

import io.noetl.envelope.EventType;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.query.EventPages;
import io.noetl.query.EventRow;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import io.noetl.query.OpenWork;
import io.noetl.verify.Diagnosis;
import io.noetl.verify.Doctor;
import io.noetl.verify.Finding;
import io.noetl.verify.Rule;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an execution waits for, whether what is stored of it agrees, and what would help. */
final class DiagnoseRoutes implements Resource {
  private static final String DEAD = "DEAD";

  private final Executions executions;
  private final EventPages events;
  private final OpenWork work;
  private final Doctor doctor;
  private final InstantSource clock;

  DiagnoseRoutes(
      Executions executions, EventPages events, OpenWork work, Doctor doctor, InstantSource clock) {
    this.executions = executions;
    this.events = events;
    this.work = work;
    this.doctor = doctor;
    this.clock = clock;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/api/executions/{id}/diagnose", AccessClass.USER, this::diagnose)
        .post("/api/executions/{id}/repair", AccessClass.USER, this::repair);
  }

  private Reply diagnose(Call call) {
    long id = call.pathId("id");
    ExecutionRow row = executions.find(call.tenant(), id).orElseThrow(() -> Owners.notFound(id));
    List<@Nullable Object> waits = new ArrayList<>();
    List<@Nullable Object> broken = new ArrayList<>();
    List<@Nullable Object> repairs = new ArrayList<>();
    List<OpenWork.Command> commands = work.commands(id);
    for (OpenWork.Command command : commands) {
      if (!command.status().equals(DEAD)) {
        waits.add(shown(command));
      }
    }
    for (OpenWork.Wait wait : work.waits(id)) {
      waits.add(shown(wait));
    }
    for (OpenWork.Child child : work.children(call.tenant(), id)) {
      waits.add(shown(child));
    }
    if (row.status() == ExecutionStatus.PAUSED) {
      waits.add(paused(id));
    }
    boolean curable = false;
    boolean rowDiffers = false;
    for (Finding finding : doctor.examine(id)) {
      if (finding.rule().severity() == Rule.Severity.ERROR || Doctor.curable(finding)) {
        broken.add(shown(finding));
        curable |= Doctor.curable(finding);
        rowDiffers |= finding.rule() == Rule.EXECUTION_ROW;
      }
    }
    if (curable) {
      repairs.add(repair("repair it", "POST", "/api/executions/" + id + "/repair", Map.of()));
    }
    if (rowDiffers) {
      Map<String, @Nullable Object> body = new LinkedHashMap<>();
      body.put("projection", "execution");
      body.put("execution_ids", List.of(Ids.text(id)));
      repairs.add(repair("make the row again", "POST", "/api/internal/projection/rebuild", body));
    } else if (row.status() == ExecutionStatus.RUNNING && waits.isEmpty()) {
      repairs.add(
          repair("end it by hand", "POST", "/api/executions/" + id + "/finalize", Map.of()));
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(id));
    out.put("status", row.status().name());
    out.put("waiting_on", waits);
    out.put("broken_invariants", broken);
    out.put("repairs", repairs);
    return Reply.ok(out);
  }

  private Reply repair(Call call) {
    long id = call.pathId("id");
    ExecutionRow row = executions.find(call.tenant(), id).orElseThrow(() -> Owners.notFound(id));
    Diagnosis diagnosis = doctor.repair(row.tenantId(), id);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(id));
    out.put("found", diagnosis.found().stream().map(DiagnoseRoutes::shown).toList());
    out.put("repaired", diagnosis.repairs().stream().map(Diagnosis.Repair::members).toList());
    out.put("broken_invariants", diagnosis.left().stream().map(DiagnoseRoutes::shown).toList());
    return Reply.ok(out);
  }

  private static Map<String, @Nullable Object> shown(Finding finding) {
    Map<String, @Nullable Object> out = finding.members();
    out.put("message", Scrub.text(finding.message()));
    return out;
  }

  /** What somebody may do; nothing is done by asking. */
  private static Map<String, @Nullable Object> repair(
      String what, String method, String path, Map<String, @Nullable Object> body) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("action", what);
    out.put("method", method);
    out.put("path", path);
    if (!body.isEmpty()) {
      out.put("body", body);
    }
    return out;
  }

  private Map<String, @Nullable Object> shown(OpenWork.Command command) {
    boolean held = command.workerId() != null;
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("kind", held ? "lease" : command.parked() ? "callback" : "command");
    out.put("command_id", Ids.text(command.commandId()));
    out.put("step", command.step());
    if (command.iteration() != null) {
      out.put("iteration", command.iteration());
    }
    out.put("pool", command.pool());
    out.put("attempt", command.attempt());
    out.put("max_attempts", command.maxAttempts());
    Instant lease = command.leaseUntil();
    if (held) {
      out.put("worker_id", command.workerId());
    }
    if (lease != null) {
      out.put("lease_until", lease.toString());
      out.put("overdue", lease.isBefore(clock.instant()));
    }
    out.put("since", command.since().toString());
    return out;
  }

  private static Map<String, @Nullable Object> shown(OpenWork.Wait wait) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("kind", wait.signal() == null ? "timer" : "signal");
    out.put("wait_id", Ids.text(wait.waitId()));
    out.put("state", wait.state().toLowerCase(Locale.ROOT));
    if (wait.step() != null) {
      out.put("step", wait.step());
    }
    if (wait.signal() != null) {
      out.put("name", wait.signal());
    }
    if (wait.childExecutionId() != null) {
      out.put("execution_id", Ids.text(wait.childExecutionId()));
    }
    if (wait.until() != null) {
      out.put("until", wait.until().toString());
    }
    out.put("since", wait.since().toString());
    return out;
  }

  /** Since when, and why: as the last pause says. */
  private Map<String, @Nullable Object> paused(long id) {
    int pauses = events.countOfType(id, EventType.EXECUTION_PAUSED, 0);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("kind", "pause");
    for (EventRow last :
        events.ofType(id, EventType.EXECUTION_PAUSED, 0, 1, Math.max(0, pauses - 1))) {
      out.put("since", last.createdAt().toString());
    }
    return out;
  }

  private static Map<String, @Nullable Object> shown(OpenWork.Child child) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("kind", "child");
    out.put("execution_id", Ids.text(child.executionId()));
    out.put("path", child.path());
    out.put("since", child.since().toString());
    return out;
  }
}
