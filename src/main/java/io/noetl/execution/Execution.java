package io.noetl.execution;

import io.noetl.execution.ExecutionState.Open;
import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.execution.Loops.IterationReport;
import io.noetl.json.Json;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.OutputOptions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
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
    if (intent instanceof ExecutionIntent.Signal signal
        && state.signals().repeats(signal.name(), signal.key())) {
      // Also after the end: whoever repeats it, because the reply was lost, hears that it came.
      return new Transition(definition, state, mint, language, known).accepted();
    }
    if (state.status().terminal()) {
      return new Decision.Rejected(
          Rejection.ALREADY_TERMINAL,
          "execution " + state.executionId() + " has already ended: " + state.status());
    }
    if (state.started() == null && !(intent instanceof ExecutionIntent.Begin)) {
      return new Decision.Rejected(
          Rejection.UNKNOWN_EXECUTION, "execution " + state.executionId() + " not found");
    }
    Transition transition = new Transition(definition, state, mint, language, known);
    return switch (intent) {
      case ExecutionIntent.Start start -> start(transition, start);
      case ExecutionIntent.Fork fork -> fork(transition, fork);
      case ExecutionIntent.AcceptReport report -> all(transition, List.of(report));
      case ExecutionIntent.Batch batch -> all(transition, batch.parts());
      case ExecutionIntent.ExpireLease lease -> expire(transition, lease);
      case ExecutionIntent.Resume resume -> resume(transition, resume.waitId(), resume.outcome());
      case ExecutionIntent.ExpireWait expire -> resume(transition, expire.waitId(), null);
      case ExecutionIntent.Signal signal -> signal(transition, signal);
      case ExecutionIntent.Cancel cancel -> {
        transition.dropOpenWork();
        transition.emit(new ExecutionEvent.Cancelled(cancel.reason(), cancel.cascade()));
        yield transition.accepted();
      }
      case ExecutionIntent.Pause pause -> {
        if (!state.paused()) {
          transition.emit(new ExecutionEvent.Paused(pause.reason()));
        }
        yield transition.accepted();
      }
      case ExecutionIntent.Unpause resume -> unpause(transition, resume);
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
      case ExecutionIntent.Record record -> all(transition, List.of(record));
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

  private static void expectNew(Transition transition) {
    if (transition.state().started() != null) {
      throw new IllegalStateException(
          "Expected a new execution, but "
              + transition.state().executionId()
              + " has begun already");
    }
  }

  private Decision fork(Transition transition, ExecutionIntent.Fork fork) {
    expectNew(transition);
    transition.emit(
        new ExecutionEvent.Forked(
            new ExecutionEvent.Started(
                fork.catalogId(),
                fork.path(),
                fork.version(),
                fork.workload(),
                fork.payloadKeys(),
                transition.definition().playbook().entryStep(),
                null,
                null,
                fork.pool(),
                fork.settings(),
                fork.origin()),
            fork.kept()));
    new Advance(transition).run();
    return transition.accepted();
  }

  private Decision start(Transition transition, ExecutionIntent.Start start) {
    expectNew(transition);
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

  /** Reports and facts in their order; the first that is refused refuses them all. */
  private static Decision all(Transition transition, List<ExecutionIntent> parts) {
    for (ExecutionIntent part : parts) {
      Decision.Rejected refused = one(transition, part);
      if (refused != null) {
        return refused;
      }
    }
    return transition.accepted();
  }

  private static Decision.@Nullable Rejected one(Transition transition, ExecutionIntent part) {
    ExecutionState state = transition.state();
    if (state.status().terminal()) {
      return new Decision.Rejected(
          Rejection.ALREADY_TERMINAL,
          "execution "
              + state.executionId()
              + " ends with what comes earlier in this batch: "
              + state.status());
    }
    return switch (part) {
      case ExecutionIntent.AcceptReport report -> report(transition, report);
      case ExecutionIntent.Record record -> {
        record.events().forEach(transition::emit);
        yield null;
      }
      default -> throw new IllegalStateException("Expected a report or a record, but got " + part);
    };
  }

  private static Decision.@Nullable Rejected report(
      Transition transition, ExecutionIntent.AcceptReport report) {
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
    return null;
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

  /** Ends the oldest wait for it, or keeps it until a step waits. */
  private Decision signal(Transition transition, ExecutionIntent.Signal signal) {
    ExecutionState state = transition.state();
    long bytes = Json.text(signal.data()).getBytes(StandardCharsets.UTF_8).length;
    if (bytes > language.limits().inlineBytes()) {
      return new Decision.Rejected(
          Rejection.SIGNAL_TOO_LARGE,
          "Expected the data of a signal of at most "
              + language.limits().inlineBytes()
              + " bytes (results.inline-max-bytes), but got "
              + bytes);
    }
    OpenWait waiting = null;
    for (OpenWait wait : state.waits().values()) {
      if (wait.opened().awaited() instanceof Awaited.Signal awaited
          && awaited.name().equals(signal.name())
          && (waiting == null || wait.waitId() < waiting.waitId())) {
        waiting = wait;
      }
    }
    if (waiting == null && state.signals().kept().size() >= language.limits().keptSignals()) {
      return new Decision.Rejected(
          Rejection.SIGNALS_FULL,
          "execution "
              + state.executionId()
              + " keeps "
              + state.signals().kept().size()
              + " signals that no step has waited for, and may keep "
              + language.limits().keptSignals()
              + " (playbook.kept-signals)");
    }
    transition.emit(new ExecutionEvent.SignalReceived(signal.name(), signal.data(), signal.key()));
    return waiting == null
        ? transition.accepted()
        : resume(transition, waiting.waitId(), Waits.got(signal.name(), signal.data()));
  }

  /** What could not start during the pause starts now: loops first, then steps. */
  private static Decision unpause(Transition transition, ExecutionIntent.Unpause resume) {
    if (transition.state().paused()) {
      transition.emit(new ExecutionEvent.Resumed(resume.reason()));
      for (String step : new TreeSet<>(transition.state().loops().keySet())) {
        new Loops(transition).goOn(transition.stepOf(step));
      }
      new Advance(transition).run();
    }
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
