package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.Completion;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.execution.ExecutionEvent.IterationFinished;
import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.json.Json;
import io.noetl.json.JsonException;
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
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Starts the iterations of loops, counts their ends, and ends the loop when nothing is left. */
final class Loops {
  private static final Pattern DOTTED_NAME =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*");

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
      return Outcome.hard(
          Errors.configuration(
              "loop step '" + step.name() + "': cursor loops are not available in this version"));
    }
    List<@Nullable Object> items;
    int maxInFlight;
    try {
      Scope named =
          scope.with(
              CommandContexts.mentioned(transition.language().templates(), step, loop.in(), scope));
      items = items(step, loop, named);
      maxInFlight = maxInFlight(step, loop, named);
    } catch (TemplateException e) {
      return Outcome.hard(Errors.template(String.valueOf(e.getMessage())));
    }
    int limit = transition.language().limits().loopItems();
    if (items.size() > limit) {
      return Outcome.hard(
          Errors.configuration(
              "loop step '"
                  + step.name()
                  + "': "
                  + items.size()
                  + " items are more than playbook.loop-items ("
                  + limit
                  + ")"));
    }
    transition.emit(new ExecutionEvent.LoopStarted(step.name(), visit, items, maxInFlight, from));
    goOn(step);
    return null;
  }

  /** An iteration's command ended. */
  void ended(OpenCommand command, Outcome outcome, List<CtxWrite> reported, IterationReport how) {
    Step step = transition.stepOf(command.step());
    int iteration = Objects.requireNonNull(command.iteration(), "iteration");
    transition.emit(
        new IterationFinished(
            command.commandId(),
            step.name(),
            command.visit(),
            iteration,
            outcome,
            stops(step, outcome),
            how.attempt(),
            how.fence(),
            how.workerId(),
            how.claimedAt(),
            how.dead()));
    if (!reported.isEmpty()) {
      transition.emit(new ExecutionEvent.CtxUpdated(step.name(), reported, List.of()));
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

  private void goOn(Step step) {
    LoopRun run = run(step);
    while (run.mayStart() && transition.failure() == null) {
      iterate(step, run);
      run = run(step);
    }
    if (run.over()) {
      int visit = run.visit();
      new Finish(transition)
          .finish(
              step,
              run.outcome(),
              List.of(),
              completion ->
                  new ExecutionEvent.LoopDone(step.name(), visit, withoutData(completion)));
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

  private void iterate(Step step, LoopRun run) {
    Loop loop = Objects.requireNonNull(step.loop(), "loop");
    int iteration = run.next();
    Map<String, @Nullable Object> iter = run.iter(loop.iterator(), iteration);
    Map<String, @Nullable Object> names = new LinkedHashMap<>();
    names.put("iter", iter);
    names.put("loop_index", (long) iteration);
    names.put("_index", (long) iteration);
    names.put("_total", (long) run.total());
    names.put(loop.iterator(), run.items().get(iteration));
    Scope scope =
        DispatchScope.arriving(transition, transition.state().step(step.name()).from()).with(names);
    ToolKind kind;
    Map<String, @Nullable Object> context;
    try {
      switch (step.tool()) {
        case Tool.Single single -> {
          kind = single.spec().kind();
          String unavailable = unavailable(single.spec());
          if (unavailable != null) {
            refuse(step, run, Outcome.hard(Errors.configuration(unavailable)));
            return;
          }
          context = CommandContexts.single(transition, step, single.spec(), scope);
        }
        case Tool.Sequence sequence -> {
          kind = ToolKind.TASK_SEQUENCE;
          context = CommandContexts.sequence(transition, step, sequence, scope);
        }
      }
    } catch (TemplateException e) {
      refuse(
          step,
          run,
          Outcome.hard(Errors.template("step '" + step.name() + "': " + e.getMessage())));
      return;
    }
    CommandContexts.inLoop(context, names, iter);
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

  /** An iteration that could not become a command. */
  private void refuse(Step step, LoopRun run, Outcome outcome) {
    transition.emit(
        new IterationFinished(
            null,
            step.name(),
            run.visit(),
            run.next(),
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
  private static Object number(Object wanted) {
    if (wanted instanceof String text && WHOLE_NUMBER.matcher(text.strip()).matches()) {
      return Long.valueOf(text.strip());
    }
    return wanted;
  }

  private List<@Nullable Object> items(Step step, Loop loop, Scope scope) {
    Object in = loop.in();
    Object value;
    try {
      value =
          in instanceof String text && DOTTED_NAME.matcher(text.strip()).matches()
              ? transition.language().templates().evaluate(text.strip(), scope)
              : transition.language().templates().render(in, scope);
    } catch (TemplateException e) {
      throw new TemplateException(
          "loop step '"
              + step.name()
              + "': Loop expression '"
              + transition.language().templates().textOf(in)
              + "': "
              + e.getMessage());
    }
    return switch (value) {
      case List<?> list -> new ArrayList<>(list);
      case Map<?, ?> map -> {
        List<@Nullable Object> pairs = new ArrayList<>();
        map.forEach(
            (key, item) -> {
              Map<String, @Nullable Object> pair = new LinkedHashMap<>();
              pair.put("key", key);
              pair.put("value", item);
              pairs.add(pair);
            });
        yield pairs;
      }
      case Long n when n >= 0 -> upTo(step, n);
      case String text -> split(text);
      case null, default ->
          throw new TemplateException(
              "loop step '"
                  + step.name()
                  + "': Loop expression '"
                  + transition.language().templates().textOf(in)
                  + "' did not evaluate to an iterable (got "
                  + word(value)
                  + ")");
    };
  }

  private List<@Nullable Object> upTo(Step step, long n) {
    int limit = transition.language().limits().loopItems();
    if (n > limit) {
      throw new TemplateException(
          "loop step '"
              + step.name()
              + "': "
              + n
              + " items are more than playbook.loop-items ("
              + limit
              + ")");
    }
    List<@Nullable Object> numbers = new ArrayList<>((int) n);
    for (long i = 0; i < n; i++) {
      numbers.add(i);
    }
    return numbers;
  }

  private static List<@Nullable Object> split(String text) {
    if (text.strip().startsWith("[")) {
      try {
        if (Json.parse(text) instanceof List<?> list) {
          return new ArrayList<>(list);
        }
      } catch (JsonException e) {
        // Not a list in JSON: a list of words, one of which begins with a bracket.
        return words(text);
      }
    }
    return words(text);
  }

  private static List<@Nullable Object> words(String text) {
    List<@Nullable Object> parts = new ArrayList<>();
    for (String part : text.split("[,\n]", -1)) {
      String trimmed = part.strip();
      if (!trimmed.isEmpty()) {
        parts.add(trimmed);
      }
    }
    return parts;
  }

  private static String word(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Boolean _ -> "boolean";
      case Double _ -> "float";
      case Long _, BigInteger _ -> "negative int";
      default -> Json.typeName(value);
    };
  }
}
