package io.noetl.execution;

import io.noetl.envelope.EventType;
import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.execution.Loops.IterationReport;
import io.noetl.playbook.Step;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brings rows of open work back that were lost. A command is made again in the state in which it
 * was issued, so it carries what it carried; a wait is written again as its event describes it. One
 * event says so, and each command is offered again as if its lease had run out.
 */
final class Restoration {
  private final Transition transition;

  Restoration(Transition transition) {
    this.transition = transition;
  }

  Decision restore(ExecutionIntent.Restore lost) {
    ExecutionState state = transition.state();
    if (state.seq() != lost.seq()) {
      return new Decision.Rejected(
          Rejection.MOVED_ON,
          "execution "
              + state.executionId()
              + " has come to event "
              + state.seq()
              + " since it was looked at after event "
              + lost.seq());
    }
    for (long id : lost.commands().keySet()) {
      if (!state.commands().containsKey(id)) {
        return new Decision.Rejected(
            Rejection.COMMAND_NOT_OPEN, "command " + id + " is not open: nothing is lost with it");
      }
    }
    for (long id : lost.waits()) {
      if (!state.waits().containsKey(id)) {
        return new Decision.Rejected(
            Rejection.WAIT_NOT_OPEN, "wait " + id + " is not open: nothing is lost with it");
      }
    }
    transition.emit(told(lost));
    new TreeMap<>(lost.commands()).forEach(this::command);
    return transition.accepted();
  }

  private static ExecutionEvent.Recorded told(ExecutionIntent.Restore lost) {
    Map<String, @Nullable Object> context = new LinkedHashMap<>();
    context.put("reason", "rows of open work were lost");
    context.put("commands", texts(lost.commands().keySet()));
    context.put("waits", texts(lost.waits()));
    Map<String, @Nullable Object> envelope = new LinkedHashMap<>();
    envelope.put("status", "COMPLETED");
    envelope.put("context", context);
    return new ExecutionEvent.Recorded(EventType.EXECUTION_REPAIRED, envelope, null, null);
  }

  private static List<@Nullable Object> texts(Iterable<Long> ids) {
    TreeSet<Long> sorted = new TreeSet<>();
    ids.forEach(sorted::add);
    List<@Nullable Object> texts = new ArrayList<>();
    sorted.forEach(id -> texts.add(Ids.text(id)));
    return texts;
  }

  private void command(long commandId, ExecutionState before) {
    OpenCommand open =
        Objects.requireNonNull(transition.state().commands().get(commandId), "open command");
    NewCommand again = again(open, before);
    if (again == null) {
      transition.settle(commandId);
      Execution.end(
          transition,
          open,
          Outcome.hard(
              Errors.of(
                  "lost",
                  "COMMAND_LOST",
                  "command " + commandId + " was lost and cannot be made again",
                  false)),
          List.of(),
          new IterationReport(open.attempts(), 0, null, null, true));
      new Advance(transition).run();
      return;
    }
    transition.emit(
        new ExecutionEvent.CommandExpired(commandId, open.step(), open.attempts(), null));
    transition.issue(
        new NewCommand(
            commandId,
            again.executionId(),
            again.step(),
            again.visit(),
            again.iteration(),
            again.kind(),
            again.pool(),
            again.context()));
  }

  /** The command as it was made; null when it comes to something else by now. */
  private @Nullable NewCommand again(OpenCommand open, ExecutionState before) {
    Transition then = transition.at(before);
    Step step = then.stepOf(open.step());
    if (before.loops().containsKey(open.step())) {
      new Loops(then).again(step, open.iteration() == null);
    } else {
      new StepStart(then).again(step, open.visit(), transition.state().step(open.step()).from());
    }
    for (NewCommand made : then.issued()) {
      if (made.step().equals(open.step())
          && made.visit() == open.visit()
          && Objects.equals(made.iteration(), open.iteration())) {
        return made;
      }
    }
    return null;
  }
}
