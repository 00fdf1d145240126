package io.noetl.api;

import io.noetl.command.Claim;
import io.noetl.command.CommandLeases;
import io.noetl.command.CommandQueue.CommandRow;
import io.noetl.envelope.EventType;
import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionEvent.CallFinished;
import io.noetl.execution.ExecutionEvent.Recorded;
import io.noetl.execution.ExecutionIntent.AcceptReport;
import io.noetl.execution.ExecutionIntent.Record;
import io.noetl.execution.NewCommand;
import io.noetl.execution.Rejection;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.journal.Take;
import io.noetl.playbook.value.Outcome;
import io.noetl.query.EventPages;
import io.noetl.query.EventPages.Finished;
import io.noetl.query.EventRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Takes reports and says what became of them. A report that ends a command is one intent, whose
 * fence is checked by the transaction that writes the decision; a repeat is recognised by what the
 * log says ended the command. Everything else is recorded and decides nothing.
 */
final class ReportDesk {
  private static final String CLAIMED = "CLAIMED";
  private static final int LOCKS = 64;

  private final IntentHandler intents;
  private final CommandLeases leases;
  private final EventPages events;
  private final Duration lease;
  private final List<ReentrantLock> locks = new ArrayList<>();

  ReportDesk(IntentHandler intents, CommandLeases leases, EventPages events, Duration lease) {
    this.intents = intents;
    this.leases = leases;
    this.events = events;
    this.lease = lease;
    for (int i = 0; i < LOCKS; i++) {
      locks.add(new ReentrantLock());
    }
  }

  /**
   * What is answered to one report.
   *
   * @param seq position of the event
   * @param issued commands that the decision made
   * @param duplicate whether it was taken before
   * @param commands handed back, each as the answer to a claim
   */
  record Taken(
      long eventId,
      int seq,
      int issued,
      boolean duplicate,
      List<Map<String, @Nullable Object>> commands) {

    Map<String, @Nullable Object> body() {
      Map<String, @Nullable Object> body = new LinkedHashMap<>();
      body.put("status", "ok");
      body.put("event_id", Ids.text(eventId));
      body.put("commands_generated", issued);
      body.put("seq", seq);
      if (duplicate) {
        body.put("duplicate", true);
      }
      if (!commands.isEmpty()) {
        body.put("commands", commands);
      }
      return body;
    }
  }

  /** The claim that a report is made for. */
  record Held(long commandId, long fence, int attempt) {}

  /**
   * A report that ends its command.
   *
   * @throws Problem.Refusal when it is not accepted
   */
  Taken end(String tenant, Report report) {
    Held held = held(report).orElse(null);
    if (held == null) {
      return repeated(report, null).orElseThrow(ReportDesk::notHeld);
    }
    return end(tenant, report, held, report.outcome());
  }

  static Problem.Refusal notHeld() {
    return Problems.conflict("stale_fence", "the worker does not hold the command it reports about")
        .refusal();
  }

  /** The claim that a report is made for; empty when a worker that knows no fences has none. */
  Optional<Held> held(Report report) {
    Long fence = report.fence();
    Long commandId = report.commandId();
    if (fence != null && commandId != null) {
      Integer attempt = report.attempt();
      return Optional.of(new Held(commandId, fence, attempt == null ? 1 : attempt));
    }
    return heldWithoutFence(report);
  }

  private Taken end(String tenant, Report report, Held held, @Nullable Outcome outcome) {
    Take take = take(tenant, report);
    IntentReply reply =
        intents.handle(
            tenant,
            report.executionId(),
            new AcceptReport(
                held.commandId(),
                outcome,
                report.writes(),
                held.attempt(),
                held.fence(),
                report.workerId(),
                report.claimedAt()),
            take,
            null,
            null);
    return switch (reply) {
      case IntentReply.Accepted accepted -> {
        if (take != null && !accepted.handedBack().isEmpty()) {
          leases.handedBack(take.pool(), tenant, accepted.handedBack().size());
        }
        yield ended(tenant, accepted, held.commandId());
      }
      case IntentReply.Rejected rejected -> rejected(tenant, report, held, outcome, rejected);
      case IntentReply.Busy busy -> throw Problems.of(busy).refusal();
      case IntentReply.Duplicate duplicate -> throw notAStart(duplicate);
    };
  }

  /** What the worker may go on with: others may have waited longer for its slot. */
  private @Nullable Take take(String tenant, Report report) {
    Take offered = report.take();
    if (offered == null) {
      return null;
    }
    int room = leases.room(offered.pool(), tenant, offered.max());
    return room == 0 ? null : new Take(offered.workerId(), offered.pool(), room);
  }

  private Taken ended(String tenant, IntentReply.Accepted accepted, long commandId) {
    StoredEvent end = accepted.events().getFirst();
    for (StoredEvent stored : accepted.events()) {
      if (stored.event() instanceof CallFinished e && e.commandId() == commandId) {
        end = stored;
      }
    }
    List<Map<String, @Nullable Object>> commands = new ArrayList<>();
    for (NewCommand command : accepted.handedBack()) {
      commands.add(CommandAnswers.of(tenant, command, lease, end.at()));
    }
    return new Taken(end.eventId(), end.seq(), accepted.issued(), false, commands);
  }

  private Taken rejected(
      String tenant,
      Report report,
      Held held,
      @Nullable Outcome outcome,
      IntentReply.Rejected rejected) {
    return switch (rejected.reason()) {
      case NO_OUTCOME -> {
        if (outcome == null && report.type().equals(EventType.COMMAND_FAILED)) {
          yield end(tenant, report, held, ReportedOutcome.unexplained());
        }
        throw Problems.of(rejected).refusal();
      }
      case COMMAND_NOT_OPEN, STALE_FENCE, ALREADY_TERMINAL ->
          repeated(report, held).orElseThrow(() -> Problems.of(rejected).refusal());
      case UNKNOWN_EXECUTION, WAIT_NOT_OPEN, SIGNALS_FULL, SIGNAL_TOO_LARGE, MOVED_ON ->
          throw Problems.of(rejected).refusal();
    };
  }

  /** For workers that know no fences: what this worker holds now. */
  private Optional<Held> heldWithoutFence(Report report) {
    String worker = report.workerId();
    Long commandId = report.commandId();
    if (worker == null) {
      throw Members.missing(commandId == null ? "command_id" : "meta.fence");
    }
    if (commandId != null) {
      return leases
          .row(commandId)
          .filter(row -> row.status().equals(CLAIMED) && worker.equals(row.workerId()))
          .map(row -> new Held(commandId, row.fence(), row.attempt()));
    }
    List<Claim.Granted> held =
        leases.heldBy(worker, report.executionId()).stream()
            .filter(claim -> report.step() == null || claim.step().equals(report.step()))
            .toList();
    if (held.size() != 1) {
      throw Members.fault(
          "command_id",
          "Expected command_id, because worker "
              + worker
              + " holds "
              + held.size()
              + " commands of execution "
              + report.executionId()
              + (report.step() == null ? "" : " in step " + report.step()));
    }
    Claim.Granted only = held.getFirst();
    return Optional.of(new Held(only.commandId(), only.fence(), only.attempt()));
  }

  /** The answer to a report that was accepted before, by the same claim. */
  Optional<Taken> repeated(Report report, @Nullable Held held) {
    Long commandId = held != null ? (Long) held.commandId() : report.commandId();
    if (commandId == null) {
      return Optional.empty();
    }
    Optional<Finished> finished = events.finished(report.executionId(), commandId);
    if (finished.isEmpty()) {
      return Optional.empty();
    }
    Long fence = finished.get().fence();
    if (held != null && (fence == null || fence != held.fence())) {
      return Optional.empty();
    }
    return Optional.of(
        new Taken(finished.get().eventId(), finished.get().seq(), 0, true, takenBefore(report)));
  }

  /** A lost reply is healed: the retried report answers with the same claims. */
  private List<Map<String, @Nullable Object>> takenBefore(Report report) {
    Take take = report.take();
    if (take == null) {
      return List.of();
    }
    return leases.heldBy(take.workerId(), report.executionId()).stream()
        .filter(claim -> claim.pool().equals(take.pool()))
        .limit(take.max())
        .map(claim -> CommandAnswers.of(claim, lease))
        .toList();
  }

  /**
   * Reports that decide nothing: recorded in one transaction, all or none.
   *
   * @param reports about one execution; none of them ends a command
   * @throws Problem.Refusal when they are not accepted
   */
  List<Taken> record(String tenant, long executionId, List<Report> reports) {
    ReentrantLock lock = lock(executionId);
    // Looked up and written by one at a time, so that two copies of one report are told apart.
    lock.lock();
    try {
      List<@Nullable Taken> answers = new ArrayList<>(reports.size());
      List<Recorded> fresh = new ArrayList<>();
      for (Report report : reports) {
        Optional<Taken> before = recordedBefore(report);
        answers.add(before.orElse(null));
        if (before.isEmpty()) {
          checkFence(report);
          fresh.add(
              new Recorded(report.type(), report.envelope(), report.commandId(), report.outcome()));
        }
      }
      List<StoredEvent> stored = fresh.isEmpty() ? List.of() : recorded(tenant, executionId, fresh);
      List<Taken> taken = new ArrayList<>(answers.size());
      int next = 0;
      for (Taken answer : answers) {
        if (answer != null) {
          taken.add(answer);
        } else {
          StoredEvent event = stored.get(next++);
          taken.add(new Taken(event.eventId(), event.seq(), 0, false, List.of()));
        }
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Held while it is looked up what was taken before, and what is new is written. */
  ReentrantLock lock(long executionId) {
    return locks.get((int) Long.remainderUnsigned(executionId >>> 12, LOCKS));
  }

  private List<StoredEvent> recorded(String tenant, long executionId, List<Recorded> fresh) {
    return switch (intents.handle(tenant, executionId, new Record(fresh))) {
      case IntentReply.Accepted accepted -> accepted.events();
      case IntentReply.Rejected rejected -> throw Problems.of(rejected).refusal();
      case IntentReply.Busy busy -> throw Problems.of(busy).refusal();
      case IntentReply.Duplicate duplicate -> throw notAStart(duplicate);
    };
  }

  static IllegalStateException notAStart(IntentReply.Duplicate duplicate) {
    return new IllegalStateException(
        "Expected a report not to be a repeated start (execution=" + duplicate.executionId() + ")");
  }

  Optional<Taken> recordedBefore(Report report) {
    Optional<EventRow> found = Optional.empty();
    if (report.producerId() != null) {
      found = events.recorded(report.executionId(), Report.PRODUCER_ID, report.producerId());
    }
    if (found.isEmpty() && report.idempotencyKey() != null) {
      found =
          events.recorded(report.executionId(), Report.IDEMPOTENCY_KEY, report.idempotencyKey());
    }
    Long commandId = report.commandId();
    if (found.isEmpty() && commandId != null && report.aboutCommand()) {
      found = events.recordedAbout(report.executionId(), report.type(), commandId);
    }
    return found.map(row -> new Taken(row.eventId(), row.seq(), 0, true, List.of()));
  }

  /** Nothing is kept of what a worker says about a command that it has lost. */
  void checkFence(Report report) {
    Long commandId = report.commandId();
    if (commandId == null || !report.aboutCommand()) {
      return;
    }
    Optional<CommandRow> row = leases.row(commandId);
    Long fence = report.fence();
    boolean holds =
        row.isPresent()
            && row.get().executionId() == report.executionId()
            && row.get().status().equals(CLAIMED)
            && (fence == null
                ? row.get().workerId() != null && row.get().workerId().equals(report.workerId())
                : row.get().fence() == fence);
    if (!holds) {
      throw Problems.of(
              Rejection.STALE_FENCE,
              "command " + commandId + " is not held by the worker that reports about it")
          .refusal();
    }
  }
}
