package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.CursorStarted;
import io.noetl.execution.ExecutionEvent.FrameClaimed;
import io.noetl.execution.ExecutionState.Open;
import io.noetl.execution.LoopRun.Frames;
import io.noetl.execution.Loops.IterationReport;
import io.noetl.playbook.Loop;
import io.noetl.playbook.Step;
import io.noetl.playbook.ToolParser;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cursor loops: an ordinary command claims a frame of rows, the body runs over them, and when all
 * have ended the next frame is claimed, until a claim gives none. One frame at a time, so a claim
 * that is repeated after a lost worker can at most leave rows that nobody has (an author's claim
 * marks them with a time, and takes old ones again).
 */
final class Cursors {
  private static final String ROWS = "rows";

  private final Transition transition;

  Cursors(Transition transition) {
    this.transition = transition;
  }

  /**
   * Brings a token into a step with a cursor loop.
   *
   * @return the outcome of the step when its options cannot be used, else null
   */
  @Nullable Outcome start(Step step, Loop loop, int visit, @Nullable String from, Scope scope) {
    int maxRows;
    int rowConcurrency;
    try {
      maxRows = option(step, loop, "max_rows", scope);
      rowConcurrency =
          Math.min(
              option(step, loop, "row_concurrency", scope),
              transition.language().limits().maxInFlight());
    } catch (TemplateException e) {
      return Outcome.hard(Errors.template(String.valueOf(e.getMessage())));
    }
    boolean whole = "frame".equals(loop.frame().get("process"));
    transition.emit(new CursorStarted(step.name(), visit, maxRows, rowConcurrency, whole, from));
    new Loops(transition).goOn(step);
    return null;
  }

  private int option(Step step, Loop loop, String name, Scope scope) {
    Object wanted = transition.language().templates().render(loop.frame().get(name), scope);
    if (wanted == null) {
      return 1;
    }
    if (Loops.number(wanted) instanceof Number number
        && number.longValue() >= 1
        && number.longValue() <= transition.language().limits().loopItems()) {
      return number.intValue();
    }
    throw new TemplateException(
        "loop step '"
            + step.name()
            + "': frame."
            + name
            + " must be a number from 1 to "
            + transition.language().limits().loopItems()
            + " (playbook.loop-items), but is "
            + transition.language().templates().textOf(wanted));
  }

  /** Issues the claim of the next frame, or ends the loop when it cannot be issued. */
  void claim(Step step, LoopRun run) {
    Loop loop = Objects.requireNonNull(step.loop(), "loop");
    Loop.Cursor cursor = Objects.requireNonNull(loop.cursor(), "cursor");
    Frames frames = Objects.requireNonNull(run.frames(), "frames");
    int limit = transition.language().limits().cursorFrames();
    if (frames.claimed() >= limit) {
      refuse(
          step,
          run,
          Errors.configuration(
              "loop step '"
                  + step.name()
                  + "': the claim has given rows "
                  + limit
                  + " times, the limit playbook.cursor-frames"));
      return;
    }
    Map<String, @Nullable Object> names = new LinkedHashMap<>();
    names.put("__frame_max_rows", (long) frames.maxRows());
    names.put("__frame_index", (long) frames.claimed());
    names.put("worker_slot", 0L);
    String from = transition.state().step(step.name()).from();
    Scope scope = DispatchScope.arriving(transition, from).with(names);
    ToolSpec spec = spec(cursor);
    Map<String, @Nullable Object> context;
    try {
      context =
          transition
              .data()
              .leaving(() -> CommandContexts.single(transition, step, spec, scope, from));
    } catch (TemplateException e) {
      refuse(
          step, run, Errors.template("loop step '" + step.name() + "': claim: " + e.getMessage()));
      return;
    }
    CommandContexts.inLoop(context, names, Map.of());
    String pool = transition.language().pools().poolOf(transition.state().begun(), cursor.kind());
    StoredEvent event =
        transition.emit(
            new ExecutionEvent.CommandIssued(
                step.name(), run.visit(), null, cursor.kind(), pool, null));
    transition.issue(
        new NewCommand(
            event.eventId(),
            transition.state().executionId(),
            step.name(),
            run.visit(),
            null,
            cursor.kind(),
            pool,
            context));
  }

  private static ToolSpec spec(Loop.Cursor cursor) {
    Map<String, @Nullable Object> source = new LinkedHashMap<>(cursor.fields());
    source.put("kind", cursor.kind().word());
    source.put("query", cursor.claim());
    return ToolParser.parse(source);
  }

  /** The claim could not become a command. */
  private void refuse(Step step, LoopRun run, Map<String, @Nullable Object> error) {
    Frames frames = Objects.requireNonNull(run.frames(), "frames");
    transition.emit(
        new FrameClaimed(
            null,
            step.name(),
            run.visit(),
            frames.claimed(),
            new LoopItems.Numbers(0),
            Outcome.hard(error),
            0,
            0,
            null,
            null,
            false));
  }

  /** A claim's command ended. */
  void claimed(Open command, Outcome outcome, IterationReport how) {
    Step step = transition.stepOf(command.step());
    LoopRun run = Objects.requireNonNull(transition.state().loops().get(step.name()), "loop");
    Frames frames = Objects.requireNonNull(run.frames(), "frames");
    LoopItems rows = new LoopItems.Numbers(0);
    Outcome failure = null;
    try {
      if (outcome.succeeded()) {
        rows = rows(step, frames, outcome);
      } else {
        Map<String, @Nullable Object> error = outcome.error();
        failure = Outcome.hard(error == null ? noRows(step) : error);
      }
    } catch (TemplateException e) {
      failure = Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    }
    transition.emit(
        new FrameClaimed(
            command.id(),
            step.name(),
            command.visit(),
            frames.claimed(),
            rows,
            failure,
            how.attempt(),
            how.fence(),
            how.workerId(),
            how.claimedAt(),
            how.dead()));
    new Loops(transition).goOn(step);
  }

  private LoopItems rows(Step step, Frames frames, Outcome outcome) {
    Object data = transition.data().of(outcome);
    if (!(data instanceof Map<?, ?> result) || !(result.get(ROWS) instanceof List<?> rows)) {
      throw new TemplateException(String.valueOf(noRows(step).get("message")));
    }
    if (rows.isEmpty()) {
      return new LoopItems.Numbers(0);
    }
    return new LoopCollection(transition, step)
        .kept(frames.whole() ? List.of(List.copyOf(rows)) : rows);
  }

  private static Map<String, @Nullable Object> noRows(Step step) {
    return Errors.configuration(
        "loop step '"
            + step.name()
            + "': Expected the claim to return rows, but it returns none; end it with RETURNING");
  }
}
