package io.noetl.verify;

import io.noetl.envelope.EventType;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.ResultUris;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.EventCodec;
import io.noetl.journal.RowColumns;
import io.noetl.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The check of one execution: its events are handed in one by one in the order of their positions,
 * then its rows. Pure; for one thread and one execution.
 */
final class ExecutionCheck {
  private final long id;
  private final Stored.@Nullable Execution row;
  private final Findings findings;
  private final Duration grace;
  private ExecutionState state;
  private boolean foldable = true;
  private int last;
  private int endedAt;
  private String tenant;
  private final ReferenceScan references;

  /**
   * @param row of the execution, or null when it has none
   * @param grace how long things may take that others do in the background
   */
  ExecutionCheck(long id, Stored.@Nullable Execution row, Findings findings, Duration grace) {
    this.id = id;
    this.row = row;
    this.findings = findings;
    this.grace = grace;
    this.state = ExecutionState.none(id);
    this.references = new ReferenceScan(id);
    this.tenant = row == null ? "" : row.tenantId();
  }

  /** The state after the events so far, or null when they cannot be folded. */
  @Nullable ExecutionState state() {
    return foldable ? state : null;
  }

  /** Whether a terminal event was among them. */
  boolean ended() {
    return endedAt != 0;
  }

  /** Results of other executions that the events refer to. */
  List<ResultUris.Address> otherResults() {
    return references.others();
  }

  void event(Stored.Event event) {
    if (event.seq() != last + 1) {
      add(
          Rule.SEQUENCE,
          event.eventId(),
          "Expected event "
              + (last + 1)
              + " next, but got "
              + event.seq()
              + (event.seq() <= last ? " again" : " (a gap)"));
      foldable = false;
    }
    last = Math.max(last, event.seq());
    if (endedAt != 0) {
      add(
          Rule.END,
          event.eventId(),
          "Expected nothing after the terminal event at "
              + endedAt
              + ", but got "
              + event.type()
              + " at "
              + event.seq());
      foldable = false;
    }
    if (EventType.terminal(event.type()) && endedAt == 0) {
      endedAt = event.seq();
    }
    if (tenant.isEmpty()) {
      tenant = event.tenantId();
    }
    tenant("event at " + event.seq(), event.eventId(), event.tenantId());
    references.scan(event.payload());
    fold(event);
  }

  private void fold(Stored.Event event) {
    ExecutionEvent decoded;
    try {
      decoded = EventCodec.decode(event.type(), Json.parseObject(event.payload()));
    } catch (RuntimeException e) {
      // What was altered by hand may be anything; it is told, and the others are looked at.
      unreadable(event, e);
      return;
    }
    if (!foldable) {
      return;
    }
    Long ended = ended(decoded);
    if (ended != null
        && !state.commands().containsKey(ended)
        && !state.waits().containsKey(ended)) {
      add(
          Rule.ENDED_ONCE,
          ended,
          "Expected "
              + ended
              + " to be open, but event "
              + event.seq()
              + " ends it, and it had ended before or never began");
    }
    try {
      state = state.evolve(new StoredEvent(event.eventId(), event.seq(), event.at(), decoded));
    } catch (RuntimeException e) {
      unreadable(event, e);
    }
  }

  private static @Nullable Long ended(ExecutionEvent event) {
    return switch (event) {
      case ExecutionEvent.CallFinished e -> (Long) e.commandId();
      case ExecutionEvent.IterationFinished e -> e.commandId();
      case ExecutionEvent.FrameClaimed e -> e.commandId();
      default -> null;
    };
  }

  private void unreadable(Stored.Event event, RuntimeException e) {
    add(
        Rule.EVENT_READABLE,
        event.eventId(),
        "Expected "
            + event.type()
            + " at "
            + event.seq()
            + " to be readable, but: "
            + e.getMessage());
    foldable = false;
  }

  /** After the last event. */
  void rows(List<Stored.Command> commands, List<Stored.Wait> waits, List<Stored.Result> results) {
    boolean archived = last == 0 && row != null && row.archived();
    if (last == 0) {
      if (row != null && !archived) {
        add(Rule.EXECUTION, 0, "Expected events of the execution, but it has none");
      }
      foldable = false;
    } else if (row == null) {
      add(
          Rule.EXECUTION,
          0,
          "Expected a row of the execution, but there are only its events, up to " + last);
    }
    compareRow();
    commands(commands);
    waits(waits);
    stuck();
    if (!archived) {
      results(results);
    }
  }

  private void compareRow() {
    Stored.Execution stored = row;
    if (stored == null) {
      return;
    }
    Map<String, @Nullable Object> columns = stored.columns();
    if (!foldable) {
      if (endedAt != 0 && columns.get("ended_at") == null) {
        add(Rule.EXECUTION_ROW, 0, "Expected the row to have ended, but it has not");
      }
      return;
    }
    List<String> differences = new ArrayList<>();
    RowColumns.of(state)
        .forEach((name, value) -> differ(differences, name, columns.get(name), value));
    ExecutionEvent.Started begun = state.started();
    if (begun == null) {
      add(Rule.EXECUTION, 0, "Expected the first event to begin the execution, but it does not");
      return;
    }
    differ(differences, "catalog_id", stored.catalogId(), begun.catalogId());
    differ(differences, "path", stored.path(), begun.path());
    differ(differences, "version", stored.version(), begun.version());
    differ(
        differences, "parent_execution_id", stored.parentExecutionId(), begun.parentExecutionId());
    if (!differences.isEmpty()) {
      add(
          Rule.EXECUTION_ROW,
          0,
          "Expected the row to be the fold of its events, but " + String.join(", ", differences));
    }
  }

  private static void differ(
      List<String> differences, String name, @Nullable Object stored, @Nullable Object folded) {
    if (!Objects.equals(stored, folded)) {
      // Results may be long and may hold what is nobody's business.
      differences.add(
          name.equals("result") ? "result differs" : name + " is " + stored + " and not " + folded);
    }
  }

  private void commands(List<Stored.Command> commands) {
    Set<Long> open = new HashSet<>();
    for (Stored.Command command : commands) {
      tenant("command " + command.commandId(), command.commandId(), command.tenantId());
      if (command.dead()) {
        continue;
      }
      open.add(command.commandId());
      if (last == 0 && row == null) {
        add(
            Rule.COMMAND_ORPHAN,
            command.commandId(),
            "Expected an execution for command " + command.commandId() + ", but there is none");
      } else if (foldable && !state.commands().containsKey(command.commandId())) {
        add(
            Rule.COMMAND_ORPHAN,
            command.commandId(),
            "Expected the events to know command "
                + command.commandId()
                + " (step="
                + command.step()
                + ") as open, but they do not");
      } else {
        overdue(Rule.COMMAND_OVERDUE, "command", command.commandId(), command.late());
      }
    }
    if (foldable) {
      for (long missing : new TreeSet<>(state.commands().keySet())) {
        if (!open.contains(missing)) {
          add(
              Rule.COMMAND_MISSING,
              missing,
              "Expected a row for command "
                  + missing
                  + " (step="
                  + Objects.requireNonNull(state.commands().get(missing)).step()
                  + "), which was issued and has not ended, but there is none");
        }
      }
    }
  }

  private void waits(List<Stored.Wait> waits) {
    Set<Long> open = new HashSet<>();
    for (Stored.Wait wait : waits) {
      tenant("wait " + wait.waitId(), wait.waitId(), wait.tenantId());
      overdue(Rule.WAIT_OVERDUE, "wait", wait.waitId(), wait.late());
      if (wait.cascade()) {
        if (last == 0 && row == null) {
          orphan(wait);
        }
        continue;
      }
      open.add(wait.waitId());
      if (last == 0 && row == null || foldable && !state.waits().containsKey(wait.waitId())) {
        orphan(wait);
      } else {
        child(wait);
      }
    }
    if (foldable) {
      for (long missing : new TreeSet<>(state.waits().keySet())) {
        if (!open.contains(missing)) {
          add(
              Rule.WAIT_MISSING,
              missing,
              "Expected a row for wait "
                  + missing
                  + " (step="
                  + Objects.requireNonNull(state.waits().get(missing)).step()
                  + "), which has not ended, but there is none");
        }
      }
    }
  }

  private void orphan(Stored.Wait wait) {
    add(
        Rule.WAIT_ORPHAN,
        wait.waitId(),
        "Expected the events to know wait " + wait.waitId() + " as open, but they do not");
  }

  private void child(Stored.Wait wait) {
    if (wait.childId() == null) {
      return;
    }
    boolean right =
        switch (wait.state()) {
          case "START" -> !wait.childFound();
          case "WAIT" -> wait.childFound() && !wait.childEnded();
          case "DELIVER" -> wait.childFound();
          default -> true;
        };
    if (!right) {
      add(
          Rule.CHILD,
          wait.waitId(),
          "Expected child "
              + wait.childId()
              + " to be as its wait "
              + wait.waitId()
              + " says ("
              + wait.state()
              + "), but it "
              + (!wait.childFound() ? "is not there" : wait.childEnded() ? "has ended" : "runs"));
    }
  }

  private void stuck() {
    if (foldable
        && state.status() == ExecutionStatus.RUNNING
        && state.commands().isEmpty()
        && state.waits().isEmpty()) {
      add(Rule.STUCK, 0, "Expected the running execution to wait for something, but it does not");
    }
  }

  private void results(List<Stored.Result> results) {
    Set<Long> stored = new HashSet<>();
    for (Stored.Result result : results) {
      stored.add(result.resultId());
      tenant("result " + result.resultId(), result.resultId(), result.tenantId());
      if (!result.expired() && !result.content()) {
        add(
            Rule.RESULT_CONTENT,
            result.resultId(),
            "Expected the content of result '" + result.name() + "', but it is gone");
      }
      // Stored before the event that refers to it; the attempt may have died in between.
      if (!references.own().contains(result.resultId())
          && !result.expired()
          && result.age() > grace.toSeconds()
          && (result.scope().equals("step") || result.scope().equals("execution"))) {
        add(
            Rule.RESULT_UNUSED,
            result.resultId(),
            "Expected an event that refers to result '" + result.name() + "', but none does");
      }
    }
    boolean ended = endedAt != 0;
    for (long missing : new TreeSet<>(references.own())) {
      if (!stored.contains(missing)) {
        add(
            ended ? Rule.RESULT_DELETED : Rule.RESULT_MISSING,
            missing,
            "Expected result " + missing + ", to which an event refers, but there is none");
      }
    }
  }

  private void overdue(Rule rule, String what, long workId, @Nullable Double late) {
    if (late == null) {
      add(
          rule,
          workId,
          "Expected somebody to look after " + what + " " + workId + ", but nobody will");
    } else if (late > grace.toSeconds()) {
      add(
          rule,
          workId,
          "Expected somebody to have looked after "
              + what
              + " "
              + workId
              + ", but for "
              + Math.round(late)
              + " s nobody has");
    }
  }

  private void tenant(String what, long itemId, String tenantId) {
    if (!tenant.isEmpty() && !tenantId.equals(tenant)) {
      add(
          Rule.TENANT,
          itemId,
          "Expected " + what + " to belong to the execution's tenant, but it does not");
    }
  }

  private void add(Rule rule, long itemId, String message) {
    findings.add(rule, id, itemId, message);
  }
}
