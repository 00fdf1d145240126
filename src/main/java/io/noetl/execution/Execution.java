package io.noetl.execution;

import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.execution.Loops.IterationReport;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.LinkedHashMap;
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
   */
  public Decision decide(
      Definition definition, ExecutionState state, ExecutionIntent intent, Mint mint) {
    if (state.status().terminal()) {
      return new Decision.Rejected(
          Rejection.ALREADY_TERMINAL,
          "execution " + state.executionId() + " has already ended: " + state.status());
    }
    if (state.started() == null && !(intent instanceof ExecutionIntent.Start)) {
      return new Decision.Rejected(
          Rejection.UNKNOWN_EXECUTION, "execution " + state.executionId() + " not found");
    }
    Transition transition = new Transition(definition, state, mint, language);
    return switch (intent) {
      case ExecutionIntent.Start start -> start(transition, start);
      case ExecutionIntent.AcceptReport report -> report(transition, report);
      case ExecutionIntent.ExpireLease lease -> expire(transition, lease);
      case ExecutionIntent.Cancel cancel -> {
        state.commands().keySet().forEach(transition::settle);
        transition.emit(new ExecutionEvent.Cancelled(cancel.reason()));
        yield transition.accepted();
      }
      case ExecutionIntent.SetVariables set -> {
        transition.emit(
            new ExecutionEvent.CtxUpdated(
                set.step(), set.writes(), List.of(), set.removed(), set.types()));
        yield transition.accepted();
      }
      case ExecutionIntent.Record record -> {
        record.events().forEach(transition::emit);
        yield transition.accepted();
      }
      case ExecutionIntent.Finalize end -> {
        state.commands().keySet().forEach(transition::settle);
        transition.emit(
            switch (end.status()) {
              case COMPLETED -> new ExecutionEvent.Completed(null);
              case FAILED -> new ExecutionEvent.Failed(end.sentence(), List.of());
              case CANCELLED, RUNNING, PAUSED -> new ExecutionEvent.Cancelled(end.sentence());
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
    Map<String, @Nullable Object> workload = new LinkedHashMap<>(playbook.workload());
    workload.putAll(start.payload());
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

  /** A command ended: an iteration of a loop, or the visit of its step. */
  private static void end(
      Transition transition,
      OpenCommand command,
      Outcome outcome,
      List<ExecutionEvent.CtxWrite> writes,
      IterationReport how) {
    if (command.iteration() != null) {
      new Loops(transition).ended(command, outcome, writes, how);
      return;
    }
    new Finish(transition)
        .finish(
            transition.stepOf(command.step()),
            outcome,
            writes,
            completion ->
                new ExecutionEvent.CallFinished(
                    command.commandId(),
                    command.step(),
                    command.visit(),
                    completion,
                    how.attempt(),
                    how.fence(),
                    how.workerId(),
                    how.claimedAt(),
                    how.dead()));
  }
}
