package io.noetl.api;

import io.noetl.api.ReportDesk.Held;
import io.noetl.api.ReportDesk.Taken;
import io.noetl.envelope.EventType;
import io.noetl.execution.ExecutionEvent.CallFinished;
import io.noetl.execution.ExecutionEvent.FrameClaimed;
import io.noetl.execution.ExecutionEvent.IterationFinished;
import io.noetl.execution.ExecutionEvent.Recorded;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionIntent.AcceptReport;
import io.noetl.execution.ExecutionIntent.Batch;
import io.noetl.execution.ExecutionIntent.Record;
import io.noetl.execution.Rejection;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.playbook.value.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Takes many reports of one execution in one transaction: all of them in their order, or none. What
 * was taken before is answered as it was then. Safe for use by many threads.
 */
final class BatchDesk {
  private final IntentHandler intents;
  private final ReportDesk desk;

  BatchDesk(IntentHandler intents, ReportDesk desk) {
    this.intents = intents;
    this.desk = desk;
  }

  /**
   * @throws Problem.Refusal when one of them is not accepted; then none of the new ones is written
   */
  List<Taken> take(String tenant, long executionId, List<Report> reports) {
    if (reports.stream().noneMatch(Report::ends)) {
      return reports.isEmpty() ? List.of() : desk.record(tenant, executionId, reports);
    }
    ReentrantLock lock = desk.lock(executionId);
    lock.lock();
    try {
      Fresh fresh = fresh(reports, false);
      if (fresh.parts().isEmpty()) {
        return fresh.taken(List.of(), 0);
      }
      IntentReply reply = intents.handle(tenant, executionId, new Batch(fresh.parts()));
      if (reply instanceof IntentReply.Rejected rejected) {
        // Another server may have taken some of them meanwhile; a failure without a word needs one.
        Fresh again = fresh(reports, rejected.reason() == Rejection.NO_OUTCOME);
        if (again.parts().isEmpty()) {
          return again.taken(List.of(), 0);
        }
        if (again.parts().equals(fresh.parts())) {
          throw Problems.of(rejected).refusal();
        }
        fresh = again;
        reply = intents.handle(tenant, executionId, new Batch(fresh.parts()));
      }
      return switch (reply) {
        case IntentReply.Accepted accepted -> fresh.taken(accepted.events(), accepted.issued());
        case IntentReply.Rejected rejected -> throw Problems.of(rejected).refusal();
        case IntentReply.Busy busy -> throw Problems.of(busy).refusal();
        case IntentReply.Duplicate duplicate -> throw ReportDesk.notAStart(duplicate);
      };
    } finally {
      lock.unlock();
    }
  }

  /**
   * What of a batch is new.
   *
   * @param before the answer to each report that was taken before; null for a new one
   * @param parts the new ones, in their order
   */
  private record Fresh(List<@Nullable Taken> before, List<ExecutionIntent> parts) {

    /**
     * @param issued commands that all of it has issued; told with the first that is new
     */
    List<Taken> taken(List<StoredEvent> events, int issued) {
      List<Taken> taken = new ArrayList<>(before.size());
      int part = 0;
      int at = 0;
      int told = issued;
      for (Taken answer : before) {
        if (answer != null) {
          taken.add(answer);
          continue;
        }
        ExecutionIntent next = parts.get(part++);
        while (!is(events.get(at), next)) {
          at++;
        }
        StoredEvent event = events.get(at++);
        taken.add(new Taken(event.eventId(), event.seq(), told, false, List.of()));
        told = 0;
      }
      return taken;
    }

    private static boolean is(StoredEvent stored, ExecutionIntent part) {
      return part instanceof AcceptReport report
          ? ends(stored, report.commandId())
          : stored.event() instanceof Recorded;
    }

    private static boolean ends(StoredEvent stored, long commandId) {
      return switch (stored.event()) {
        case CallFinished e -> e.commandId() == commandId;
        case IterationFinished e -> e.commandId() != null && e.commandId() == commandId;
        case FrameClaimed e -> e.commandId() != null && e.commandId() == commandId;
        default -> false;
      };
    }
  }

  /**
   * @param explain whether a failure without a word of why gets one
   */
  private Fresh fresh(List<Report> reports, boolean explain) {
    List<@Nullable Taken> before = new ArrayList<>(reports.size());
    List<ExecutionIntent> parts = new ArrayList<>();
    for (Report report : reports) {
      if (report.ends()) {
        Held held = desk.held(report).orElse(null);
        Taken taken = desk.repeated(report, held).orElse(null);
        before.add(taken);
        if (taken == null) {
          if (held == null) {
            throw ReportDesk.notHeld();
          }
          parts.add(end(report, held, explain));
        }
      } else {
        Taken taken = desk.recordedBefore(report).orElse(null);
        before.add(taken);
        if (taken == null) {
          desk.checkFence(report);
          parts.add(
              new Record(
                  new Recorded(
                      report.type(), report.envelope(), report.commandId(), report.outcome())));
        }
      }
    }
    return new Fresh(before, parts);
  }

  private static AcceptReport end(Report report, Held held, boolean explain) {
    Outcome outcome = report.outcome();
    return new AcceptReport(
        held.commandId(),
        outcome == null && explain && report.type().equals(EventType.COMMAND_FAILED)
            ? ReportedOutcome.unexplained()
            : outcome,
        report.writes(),
        held.attempt(),
        held.fence(),
        report.workerId(),
        report.claimedAt());
  }
}
