package io.noetl.journal;

import io.noetl.execution.Decision;
import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionIntent.AcceptReport;
import io.noetl.execution.ExecutionIntent.ExpireLease;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.NewCommand;
import io.noetl.execution.NewResult;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.Commit.Action;
import io.noetl.journal.Commit.CommandChange;
import io.noetl.journal.Commit.Issued;
import io.noetl.journal.Commit.Opened;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a round has come to for one execution. */
final class LaneWork {
  /** More claims than one command has between two events of its execution. */
  private static final long CLAIMS_BETWEEN_EVENTS = 256;

  /** A fence is stored as an int in events. */
  private static final int MAX_RESTORED = 1 << 22;

  final long executionId;
  private int expectedSeq;
  private boolean pausedBefore;
  boolean cached;
  final List<StoredEvent> events = new ArrayList<>();
  final List<NewResult> results = new ArrayList<>();
  private final Map<Long, Issued> issued = new LinkedHashMap<>();
  private final Map<Long, CommandChange> changes = new LinkedHashMap<>();
  private final Map<Long, Opened> opened = new LinkedHashMap<>();
  private final List<Long> closed = new ArrayList<>();
  private Commit.@Nullable Cascade cascade;
  final List<Submission> submissions = new ArrayList<>();
  private final List<IntentReply> replies = new ArrayList<>();
  ExecutionState state;
  String tenantId = "";
  private Commit.@Nullable Dedup dedup;

  LaneWork(long executionId, ExecutionState base, boolean cached) {
    this.cached = cached;
    this.executionId = executionId;
    this.expectedSeq = base.seq();
    this.pausedBefore = base.paused();
    this.state = base;
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  void rebase(ExecutionState fresh) {
    state = fresh;
    expectedSeq = fresh.seq();
    pausedBefore = fresh.paused();
    cached = false;
  }

  void reply(Submission submission, IntentReply reply) {
    submissions.add(submission);
    replies.add(reply);
  }

  void accept(Submission submission, Decision.Accepted decision) {
    tenantId = submission.tenantId();
    if (submission.dedup() != null) {
      dedup = submission.dedup();
    }
    events.addAll(decision.events());
    results.addAll(decision.results());
    state = decision.state();
    for (long settled : decision.settled()) {
      if (issued.remove(settled) == null) {
        changes.put(settled, settle(submission.intent(), settled));
      }
    }
    for (StoredEvent event : decision.events()) {
      if (event.event() instanceof ExecutionEvent.WaitOpened wait) {
        opened.put(event.eventId(), new Opened(event.eventId(), wait));
      }
    }
    // A decision may close what it opened: there is no row then.
    for (long ended : decision.closed()) {
      if (opened.remove(ended) == null) {
        closed.add(ended);
      }
    }
    long fence = 0;
    if (submission.intent() instanceof ExecutionIntent.Restore lost) {
      for (long waitId : lost.waits()) {
        ExecutionState.OpenWait wait = Objects.requireNonNull(decision.state().waits().get(waitId));
        opened.put(waitId, new Opened(waitId, wait.opened()));
      }
      fence = restoredFence(decision.state());
    }
    String reason = cascades(submission.intent());
    if (reason != null) {
      cascade = new Commit.Cascade(decision.events().getLast().eventId(), reason);
    }
    if (submission.intent() instanceof ExpireLease lease && decision.settled().isEmpty()) {
      boolean again = decision.state().commands().containsKey(lease.commandId());
      changes.put(
          lease.commandId(),
          new CommandChange(
              lease.commandId(),
              lease.fence(),
              again ? Action.OFFER : Action.BURY,
              again ? null : "attempts used up"));
    }
    List<NewCommand> handedBack = new ArrayList<>();
    Take take = submission.take();
    for (NewCommand command : decision.issued()) {
      boolean taken =
          take != null && handedBack.size() < take.max() && take.pool().equals(command.pool());
      issued.put(
          command.commandId(),
          new Issued(command, taken && take != null ? take.workerId() : null, fence));
      if (taken) {
        handedBack.add(command);
      }
    }
    reply(
        submission,
        new IntentReply.Accepted(
            decision.events(), decision.state(), decision.issued().size(), handedBack));
  }

  /**
   * Fences of a command that comes back begin above all those that its lost row may have given out,
   * or a report from before the loss could be taken for one of the next holder.
   */
  private static long restoredFence(ExecutionState state) {
    return Math.min(state.seq(), MAX_RESTORED) * CLAIMS_BETWEEN_EVENTS;
  }

  /**
   * Why the children of an execution that was ended from outside are cancelled; null = they go on.
   */
  private static @Nullable String cascades(ExecutionIntent intent) {
    return switch (intent) {
      case ExecutionIntent.Cancel cancel -> cancel.cascade() ? cancel.reason() : null;
      case ExecutionIntent.Finalize end -> end.sentence();
      default -> null;
    };
  }

  /** The reports that an intent consists of. */
  static List<AcceptReport> reports(ExecutionIntent intent) {
    return switch (intent) {
      case AcceptReport report -> List.of(report);
      case ExecutionIntent.Batch batch -> batch.reports();
      default -> List.of();
    };
  }

  private static CommandChange settle(ExecutionIntent intent, long commandId) {
    for (AcceptReport report : reports(intent)) {
      if (report.commandId() == commandId) {
        return new CommandChange(commandId, report.fence(), Action.SETTLE, null);
      }
    }
    return new CommandChange(commandId, CommandChange.ANY_FENCE, Action.SETTLE, null);
  }

  Commit commit() {
    return new Commit(
        tenantId,
        expectedSeq,
        state,
        events,
        List.copyOf(issued.values()),
        changes.values().stream().map(this::held).toList(),
        List.copyOf(opened.values()),
        List.copyOf(closed),
        cascade,
        pause(),
        dedup);
  }

  private Commit.@Nullable Pause pause() {
    if (state.paused()) {
      return pausedBefore ? null : Commit.Pause.BEGINS;
    }
    return pausedBefore && !state.status().terminal() ? Commit.Pause.ENDS : null;
  }

  private CommandChange held(CommandChange change) {
    return state.paused() && change.action() == Action.OFFER
        ? new CommandChange(change.commandId(), change.fence(), Action.HOLD, change.reason())
        : change;
  }

  /** Tells who acts upon waits, once all of this is committed. */
  void tell(WaitListener listener) {
    for (Opened wait : opened.values()) {
      listener.opened(tenantId, executionId, wait.waitId(), wait.event());
    }
    Long answered = commit().answers();
    if (answered != null && state.status().terminal()) {
      listener.answered(tenantId, answered, state);
    }
  }

  void answer() {
    for (int i = 0; i < replies.size(); i++) {
      submissions.get(i).reply().complete(replies.get(i));
    }
  }
}
