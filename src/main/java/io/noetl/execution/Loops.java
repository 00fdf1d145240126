package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.Completion;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.execution.ExecutionEvent.IterationFinished;
import io.noetl.execution.ExecutionState.Open;
import io.noetl.playbook.Loop;
import io.noetl.playbook.Step;
import io.noetl.playbook.StepOptions.OnError;
import io.noetl.playbook.Tool;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.OutputOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Starts the iterations of loops, counts their ends, and ends the loop when nothing is left. */
final class Loops {
  /** Iterations that one decision completes by itself, and about how much data they may make. */
  private static final int HERE_AT_ONCE = 256;

  private static final long HERE_BYTES = 1L << 20;

  private static final Pattern WHOLE_NUMBER = Pattern.compile("[0-9]{1,9}");

  private final Transition transition;

  Loops(Transition transition) {
    this.transition = transition;
  }

  /**
   * Brings a token into a step with a loop.
   *
   * @param scope the names of the dispatch
   * @return the outcome of the step when there is nothing to loop over because of an error, else
   *     null
   */
  @Nullable Outcome start(Step step, Loop loop, int visit, @Nullable String from, Scope scope) {
    if (loop.cursor() != null) {
      return new Cursors(transition).start(step, loop, visit, from, scope);
    }
    LoopItems items;
    int maxInFlight;
    try {
      Scope named =
          scope.with(
              CommandContexts.mentioned(transition.language().templates(), step, loop.in(), scope));
      items = new LoopCollection(transition, step).items(loop.in(), named);
      maxInFlight = maxInFlight(step, loop, named);
    } catch (TemplateException e) {
      return Outcome.hard(Errors.template(String.valueOf(e.getMessage())));
    }
    transition.emit(new ExecutionEvent.LoopStarted(step.name(), visit, items, maxInFlight, from));
    goOn(step);
    return null;
  }

  /** An iteration's command or wait ended. */
  void ended(Open work, Outcome outcome, List<CtxWrite> reported, IterationReport how) {
    Step step = transition.stepOf(work.step());
    int iteration = Objects.requireNonNull(work.iteration(), "iteration");
    transition.emit(
        new IterationFinished(
            work.id(),
            step.name(),
            work.visit(),
            iteration,
            outcome,
            stops(step, outcome),
            how.attempt(),
            how.fence(),
            how.workerId(),
            how.claimedAt(),
            how.dead()));
    if (!reported.isEmpty()) {
      List<CtxWrite> kept = transition.data().bounded(step.name(), transition.state(), reported);
      transition.emit(new ExecutionEvent.CtxUpdated(step.name(), kept, List.of()));
    }
    goOn(step);
  }

  /** How the end of an iteration's command was reported. */
  record IterationReport(
      int attempt,
      long fence,
      @Nullable String workerId,
      java.time.@Nullable Instant claimedAt,
      boolean dead) {}

  private static boolean stops(Step step, Outcome outcome) {
    return outcome.hard() && step.options().onError() != OnError.CONTINUE;
  }

  /** Starts what may be started, and ends the loop when nothing is left. */
  void goOn(Step step) {
    LoopRun run = run(step);
    long before = run.bytes();
    int completed = 0;
    while (run.mayStart() && mayGoOn()) {
      if (!completesHere(step)) {
        iterate(step, run);
      } else if (completed < HERE_AT_ONCE && run.bytes() - before < HERE_BYTES) {
        completeHere(step, run);
        completed++;
      } else if (run.inFlight() == 0) {
        // One iteration goes to a worker: its report is the next turn of the loop, and until then
        // the lane belongs to others.
        iterate(step, run);
      } else {
        break;
      }
      run = run(step);
    }
    if (run.mayClaim() && mayGoOn()) {
      new Cursors(transition).claim(step, run);
      run = run(step);
    }
    if (run.over()) {
      int visit = run.visit();
      new Finish(transition)
          .finish(
              step,
              run.outcome(transition.state().executionId(), step.name()),
              List.of(),
              completion ->
                  new ExecutionEvent.LoopDone(step.name(), visit, withoutData(completion)));
    }
  }

  private boolean mayGoOn() {
    return transition.failure() == null && !transition.state().paused();
  }

  /** Makes the next command of a running loop, and nothing more: it had been made before. */
  void again(Step step, boolean claim) {
    if (claim) {
      new Cursors(transition).claim(step, run(step));
    } else {
      iterate(step, run(step));
    }
  }

  private LoopRun run(Step step) {
    return Objects.requireNonNull(transition.state().loops().get(step.name()), "loop");
  }

  /** The data is made of the iterations' outcomes by the fold; writing it again would double it. */
  private static Completion withoutData(Completion completion) {
    Outcome outcome = completion.outcome();
    Outcome told =
        outcome.succeeded() ? Outcome.success(null).withShape(Outcome.Shape.LOOP) : outcome;
    return new Completion(told, completion.arcs(), completion.unhandled(), completion.fault());
  }

  private static boolean completesHere(Step step) {
    return step.tool() instanceof Tool.Single single && StepStart.needsNoWorker(single.spec());
  }

  /** An iteration of a routing body: no command exists for it. */
  private void completeHere(Step step, LoopRun run) {
    Names names = names(step, run);
    Outcome outcome;
    try {
      ToolSpec spec = ((Tool.Single) step.tool()).spec();
      Map<String, @Nullable Object> fields =
          CommandContexts.rendered(CommandContexts.here(transition, step, spec, names.scope()));
      outcome =
          transition
              .data()
              .bounded(
                  step.name(),
                  Outcome.success(StepStart.Noop.data(fields)),
                  OutputOptions.of(step.output()));
    } catch (TemplateException e) {
      outcome = Outcome.hard(Errors.template("step '" + step.name() + "': " + e.getMessage()));
    }
    ended(step, run, outcome);
  }

  /** What an iteration is rendered with. */
  private record Names(
      Map<String, @Nullable Object> names,
      Map<String, @Nullable Object> iter,
      Scope scope,
      @Nullable String from) {}

  private Names names(Step step, LoopRun run) {
    Loop loop = Objects.requireNonNull(step.loop(), "loop");
    int index = run.next();
    Object item = transition.data().item(run.items(), index);
    Map<String, @Nullable Object> iter = run.iter(loop.iterator(), index, item);
    Map<String, @Nullable Object> names = new LinkedHashMap<>();
    names.put("iter", iter);
    names.put("loop_index", (long) index);
    names.put("_index", (long) index);
    names.put("_total", (long) run.total());
    names.put(loop.iterator(), item);
    String from = transition.state().step(step.name()).from();
    Scope scope = DispatchScope.arriving(transition, from).with(names);
    return new Names(names, iter, scope, from);
  }

  private void iterate(Step step, LoopRun run) {
    int iteration = run.number(run.next());
    Names own = names(step, run);
    Scope scope = own.scope();
    String from = own.from();
    ToolKind kind;
    Map<String, @Nullable Object> context;
    try {
      switch (step.tool()) {
        case Tool.Single single -> {
          kind = single.spec().kind();
          String unavailable = unavailable(single.spec());
          if (unavailable != null) {
            ended(step, run, Outcome.hard(Errors.configuration(unavailable)));
            return;
          }
          context =
              Waits.serves(single.spec())
                  ? CommandContexts.here(transition, step, single.spec(), scope)
                  : transition
                      .data()
                      .leaving(
                          () ->
                              CommandContexts.single(transition, step, single.spec(), scope, from));
        }
        case Tool.Sequence sequence -> {
          kind = ToolKind.TASK_SEQUENCE;
          context =
              transition
                  .data()
                  .leaving(() -> CommandContexts.sequence(transition, step, sequence, scope, from));
        }
      }
    } catch (TemplateException e) {
      ended(
          step,
          run,
          Outcome.hard(Errors.template("step '" + step.name() + "': " + e.getMessage())));
      return;
    }
    if (step.tool() instanceof Tool.Single single && Waits.serves(single.spec())) {
      Outcome refused =
          new Waits(transition).open(step, single.spec(), run.visit(), iteration, null, context);
      if (refused != null) {
        ended(step, run, refused);
      }
      return;
    }
    CommandContexts.inLoop(context, own.names(), own.iter());
    String pool = transition.language().pools().poolOf(transition.state().begun(), kind);
    StoredEvent event =
        transition.emit(
            new ExecutionEvent.CommandIssued(
                step.name(), run.visit(), iteration, kind, pool, null));
    transition.issue(
        new NewCommand(
            event.eventId(),
            transition.state().executionId(),
            step.name(),
            run.visit(),
            iteration,
            kind,
            pool,
            context));
  }

  static @Nullable String unavailable(ToolSpec spec) {
    return !spec.kind().executable() || spec.kind() == ToolKind.WORKBOOK
        ? "Tool not available: " + spec.kind().word()
        : null;
  }

  /** An iteration that never was a command: it completed here, or could not become one. */
  private void ended(Step step, LoopRun run, Outcome outcome) {
    transition.emit(
        new IterationFinished(
            null,
            step.name(),
            run.visit(),
            run.number(run.next()),
            outcome,
            stops(step, outcome),
            0,
            0,
            null,
            null,
            false));
  }

  private int maxInFlight(Step step, Loop loop, Scope scope) {
    if (loop.mode() == Loop.Mode.SEQUENTIAL) {
      return 1;
    }
    Object wanted = transition.language().templates().render(loop.maxInFlight(), scope);
    if (wanted == null) {
      return transition.state().begun().settings().maxInFlight();
    }
    if (number(wanted) instanceof Number number && number.longValue() >= 1) {
      return (int) Math.min(number.longValue(), transition.language().limits().maxInFlight());
    }
    throw new TemplateException(
        "loop step '"
            + step.name()
            + "': max_in_flight must be a number of at least 1, but is "
            + transition.language().templates().textOf(wanted));
  }

  /** A number, also when it is written as text; everything else as it is. */
  static Object number(Object wanted) {
    if (wanted instanceof String text && WHOLE_NUMBER.matcher(text.strip()).matches()) {
      return Long.valueOf(text.strip());
    }
    return wanted;
  }
}
