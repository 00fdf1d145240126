package io.noetl.execution;

import io.noetl.execution.ExecutionState.Open;
import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.execution.Loops.IterationReport;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.OutputOptions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The decision what happens next in one execution. Pure and safe for use by many threads. */
public final class Execution {
  private final Language language;

  /**
   * @param language templates and limits that the decision uses
   */
  public Execution(Language language) {
    this.language = language;
  }

  /**
   * Decides one intent.
   *
   * @param definition the playbook that the execution pinned at its start
   * @param state what is known so far
   * @param mint time and ids
   * @param known stored data that is at hand
   */
  public Decision decide(
      Definition definition,
      ExecutionState state,
      ExecutionIntent intent,
      Mint mint,
      KnownData known) {
    try {
      return decided(definition, state, intent, mint, known);
    } catch (NeedsDataException e) {
      return new Decision.NeedsData(e.uri());
    }
  }

  private Decision decided(
      Definition definition,
      ExecutionState state,
      ExecutionIntent intent,
      Mint mint,
      KnownData known) {
    if (state.status().terminal()) {
      return new Decision.Rejected(
          Rejection.ALREADY_TERMINAL,
          "execution " + state.executionId() + " has already ended: " + state.status());
    }
    if (state.started() == null && !(intent instanceof ExecutionIntent.Start)) {
      return new Decision.Rejected(
          Rejection.UNKNOWN_EXECUTION, "execution " + state.executionId() + " not found");
    }
    Transition transition = new Transition(definition, state, mint, language, known);
    return switch (intent) {
      case ExecutionIntent.Start start -> start(transition, start);
      case ExecutionIntent.AcceptReport report -> report(transition, report);
      case ExecutionIntent.ExpireLease lease -> expire(transition, lease);
      case ExecutionIntent.Resume resume -> resume(transition, resume.waitId(), resume.outcome());
      case ExecutionIntent.ExpireWait expire -> resume(transition, expire.waitId(), null);
      case ExecutionIntent.Cancel cancel -> {
        transition.dropOpenWork();
        transition.emit(new ExecutionEvent.Cancelled(cancel.reason(), cancel.cascade()));
        yield transition.accepted();
      }
      case ExecutionIntent.SetVariables set -> {
        transition.emit(
            new ExecutionEvent.CtxUpdated(
                set.step(),
                transition.data().bounded(null, state, set.writes()),
                List.of(),
                set.removed(),
                set.types()));
        yield transition.accepted();
      }
      case ExecutionIntent.Record record -> {
        record.events().forEach(transition::emit);
        yield transition.accepted();
      }
      case ExecutionIntent.Restore lost -> new Restoration(transition).restore(lost);
      case ExecutionIntent.Finalize end -> {
        transition.dropOpenWork();
        transition.emit(
            switch (end.status()) {
              case COMPLETED -> new ExecutionEvent.Completed(null);
              case FAILED -> new ExecutionEvent.Failed(end.sentence(), List.of());
              case CANCELLED, RUNNING, PAUSED -> new ExecutionEvent.Cancelled(end.sentence(), true);
            });
        yield transition.accepted();
      }
    };
  }

  private Decision start(Transition transition, ExecutionIntent.Start start) {
    if (transition.state().started() != null) {
      throw new IllegalStateException(
          "Expected a new execution, but "
              + transition.state().executionId()
              + " has begun already");
    }
    var playbook = transition.definition().playbook();
    Map<String, @Nullable Object> workload =
        Workloads.merged(playbook.workload(), start.payload(), start.settings().deepMerge());
    transition.emit(
        new ExecutionEvent.Started(
            start.catalogId(),
            start.path(),
            start.version(),
            workload,
            List.copyOf(start.payload().keySet()),
            playbook.entryStep(),
            start.parentExecutionId(),
            start.parentCommandId(),
            start.pool(),
            start.settings()));
    new LegacyVars(transition).seed();
    new Advance(transition).run();
    return transition.accepted();
  }

  private Decision report(Transition transition, ExecutionIntent.AcceptReport report) {
    OpenCommand command = transition.state().commands().get(report.commandId());
    if (command == null) {
      return new Decision.Rejected(
          Rejection.COMMAND_NOT_OPEN,
          "command "
              + report.commandId()
              + " of execution "
              + transition.state().executionId()
              + " is not open");
    }
    Outcome outcome = report.outcome() != null ? report.outcome() : command.reported();
    if (outcome == null) {
      return new Decision.Rejected(
          Rejection.NO_OUTCOME,
          "report about command "
              + report.commandId()
              + " carries no result, and no call.done or call.error came before it");
    }
    transition.settle(report.commandId());
    end(
        transition,
        command,
        outcome,
        report.writes(),
        new IterationReport(
            report.attempt(), report.fence(), report.workerId(), report.claimedAt(), false));
    new Advance(transition).run();
    return transition.accepted();
  }

  private Decision expire(Transition transition, ExecutionIntent.ExpireLease lease) {
    OpenCommand command = transition.state().commands().get(lease.commandId());
    if (command == null) {
      return new Decision.Rejected(
          Rejection.COMMAND_NOT_OPEN, "command " + lease.commandId() + " is not open");
    }
    if (lease.attempt() < lease.maxAttempts()) {
      transition.emit(
          new ExecutionEvent.CommandExpired(
              lease.commandId(), command.step(), lease.attempt(), lease.workerId()));
      return transition.accepted();
    }
    String sentence =
        "command "
            + lease.commandId()
            + " was given to a worker "
            + lease.attempt()
            + " times (command.max-attempts) and none reported; the last was "
            + lease.workerId();
    end(
        transition,
        command,
        Outcome.hard(Errors.of("attempts_exhausted", "ATTEMPTS_EXHAUSTED", sentence, false)),
        List.of(),
        new IterationReport(lease.attempt(), lease.fence(), lease.workerId(), null, true));
    new Advance(transition).run();
    return transition.accepted();
  }

  /**
   * @param outcome what the wait came to; null = its time is over
   */
  private static Decision resume(Transition transition, long waitId, @Nullable Outcome outcome) {
    OpenWait wait = transition.state().waits().get(waitId);
    if (wait == null) {
      return new Decision.Rejected(
          Rejection.WAIT_NOT_OPEN,
          "wait " + waitId + " of execution " + transition.state().executionId() + " is not open");
    }
    transition.close(waitId);
    Outcome whole = outcome != null ? outcome : Waits.expired(wait);
    end(
        transition,
        wait,
        transition
            .data()
            .bounded(wait.step(), whole, OutputOptions.of(transition.stepOf(wait.step()).output())),
        List.of(),
        new IterationReport(0, 0, null, null, false));
    new Advance(transition).run();
    return transition.accepted();
  }

  /** A command or a wait ended: an iteration of a loop, or the visit of its step. */
  static void end(
      Transition transition,
      Open work,
      Outcome outcome,
      List<ExecutionEvent.CtxWrite> writes,
      IterationReport how) {
    if (work.iteration() != null) {
      new Loops(transition).ended(work, outcome, writes, how);
      return;
    }
    if (transition.state().loops().containsKey(work.step())) {
      new Cursors(transition).claimed(work, outcome, how);
      return;
    }
    new Finish(transition)
        .finish(
            transition.stepOf(work.step()),
            outcome,
            writes,
            completion ->
                new ExecutionEvent.CallFinished(
                    work.id(),
                    work.step(),
                    work.visit(),
                    completion,
                    how.attempt(),
                    how.fence(),
                    how.workerId(),
                    how.claimedAt(),
                    how.dead()));
  }
}
