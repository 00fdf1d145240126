package io.noetl.tool.sequence;

import io.noetl.playbook.Tool;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.scope.Mutations;
import io.noetl.playbook.scope.Mutations.Place;
import io.noetl.playbook.scope.Views;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.DataInterruptedException;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.Fields;
import io.noetl.tool.ToolCall;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run of one command. At a task: render, call, repeat by the older {@code retry}, store under
 * the label, write the task's {@code set}, ask its policy, act.
 */
final class CommandRun {
  private static final Set<String> ONE_BACK = Set.of("previous", "prev", "_previous", "@previous");

  /** Where the meta information says what did not stop the command, and was wrong. */
  private static final String WARNINGS = "warnings";

  private final SequenceRunner.Tools tools;
  private final TaskCalls.Frame frame;
  private final RunningContext running;
  private final List<Tool.Task> tasks;
  private final boolean sequence;
  private final Deadline deadline;
  private final long start = System.nanoTime();
  private int runs;

  CommandRun(
      SequenceRunner.Tools tools,
      TaskCalls.Frame frame,
      List<Tool.Task> tasks,
      boolean sequence,
      Deadline deadline) {
    this.tools = tools;
    this.frame = frame;
    this.running = frame.running();
    this.tasks = tasks;
    this.sequence = sequence;
    this.deadline = deadline;
  }

  CommandResult run() throws InterruptedException {
    int at = 0;
    while (at < tasks.size()) {
      Tool.Task task = tasks.get(at);
      Step step;
      try {
        step = perform(task);
      } catch (InterruptedException e) {
        if (deadline.interrupted()) {
          return ended(task.label(), timedOut());
        }
        throw e;
      } catch (DataInterruptedException e) {
        if (Thread.interrupted() && deadline.interrupted()) {
          return ended(task.label(), timedOut());
        }
        throw new InterruptedException(e.getMessage());
      }
      switch (step.verdict()) {
        case Verdict.End(Outcome error) -> {
          return ended(task.label(), error);
        }
        case Verdict.Break _ -> {
          return succeeded(step.outcome());
        }
        case Verdict.Jump(String label) -> {
          int target = target(label, at);
          if (target < 0) {
            return ended(task.label(), unknownTarget(step.outcome(), task.label(), label));
          }
          at = target;
        }
        case Verdict.Accept _ -> at++;
        case Verdict.Again _ -> throw new IllegalStateException("a repetition left its task");
      }
      running.left(step.outcome());
      if (!sequence) {
        return succeeded(step.outcome());
      }
    }
    return succeeded(running.outcomes().lastEntry().getValue());
  }

  /** How a task was left, and its last outcome. */
  private record Step(Verdict verdict, Outcome outcome) {}

  /** Runs a task until it is left. */
  private Step perform(Tool.Task task) throws InterruptedException {
    String label = task.label();
    ToolSpec spec = task.spec();
    int attempt = 0;
    while (true) {
      attempt++;
      if (deadline.passed()) {
        return end(timedOut());
      }
      if (runs >= tools.settings().maxTaskRuns()) {
        return end(tooManyRuns());
      }
      runs++;
      Scope names = running.scope(label, spec.kind().word(), attempt);
      Outcome outcome = called(spec, names, attempt);
      if (deadline.passed() && !outcome.succeeded()) {
        return end(timedOut());
      }
      try {
        Optional<Duration> repeat =
            tools.retries().again(spec.retry(), outcome, names, attempt, running.warnings()::add);
        if (repeat.isPresent()) {
          pause(repeat.get());
          continue;
        }
        Verdict verdict = decided(task, outcome, attempt);
        if (!(verdict instanceof Verdict.Again(Duration delay))) {
          return new Step(verdict, outcome);
        }
        pause(delay);
      } catch (TemplateException e) {
        interruption();
        return end(Outcome.hard(Errors.template(at(label) + e.getMessage())));
      }
    }
  }

  /** A template that asked for a secret gives up when its thread is interrupted meanwhile. */
  private static void interruption() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  private static Step end(Outcome error) {
    return new Step(new Verdict.End(error), error);
  }

  /** Renders and calls; a field that cannot be rendered is a hard error of the task. */
  private Outcome called(ToolSpec spec, Scope names, int attempt) throws InterruptedException {
    long began = System.nanoTime();
    Outcome outcome;
    try {
      // What goes on outside is not this run's to end: its limit is the whole one.
      Duration limit =
          frame.aside() != null
              ? shorter(frame.aside().stepLimit(), spec.timeout())
              : deadline.within(spec.timeout());
      ToolCall call =
          sequence
              ? tools.calls().task(frame.at(runs), spec, names, limit)
              : tools.calls().single(frame.at(runs), spec, names, limit);
      outcome = tools.executor().run(call);
    } catch (TemplateException e) {
      interruption();
      outcome = Outcome.hard(Errors.template(String.valueOf(e.getMessage())));
    }
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("attempt", (long) attempt);
    meta.put("duration_ms", (System.nanoTime() - began) / 1_000_000);
    meta.put("ts", tools.clock().instant().toString());
    meta.putAll(outcome.meta());
    return outcome.withMeta(meta);
  }

  private static @Nullable Duration shorter(@Nullable Duration a, @Nullable Duration b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.compareTo(b) <= 0 ? a : b;
  }

  private Verdict decided(Tool.Task task, Outcome outcome, int attempt) {
    String label = task.label();
    ToolSpec spec = task.spec();
    running.store(label, outcome);
    Scope names = running.scope(label, spec.kind().word(), attempt);
    // Without a policy a hard error ends the command, and the set has not happened.
    if (!spec.set().isEmpty() && !(outcome.hard() && spec.policy() == null)) {
      Scope scope = names.with(output(outcome));
      running.apply(Mutations.of(spec.set(), Place.TASK, tools.templates(), scope).writes());
      names = running.scope(label, spec.kind().word(), attempt);
    }
    return tools
        .policies()
        .verdict(
            spec.policy(), label, outcome, names, attempt, running::apply, running.warnings()::add);
  }

  private static Map<String, @Nullable Object> output(Outcome outcome) {
    Map<String, @Nullable Object> output = new LinkedHashMap<>();
    output.put("output", Views.setOutput(outcome));
    return output;
  }

  private void pause(Duration delay) throws InterruptedException {
    Duration time = deadline.within(delay);
    if (time != null && !time.isZero()) {
      tools.sleeper().sleep(time);
    }
  }

  /** Index of the task that a jump leads to; negative when there is none. */
  private int target(String label, int from) {
    for (int i = 0; i < tasks.size(); i++) {
      if (sequence && tasks.get(i).label().equals(label)) {
        return i;
      }
    }
    return ONE_BACK.contains(label) ? from - 1 : -1;
  }

  private CommandResult succeeded(Outcome last) {
    Outcome outcome =
        sequence
            ? Outcomes.sequence(running.outcomes(), null, last, meta(last))
            : warned(Outcomes.accepted(last));
    return new CommandResult(outcome, running.writes());
  }

  private CommandResult ended(String label, Outcome error) {
    Outcome outcome =
        sequence ? Outcomes.sequence(running.outcomes(), label, error, meta(error)) : warned(error);
    return new CommandResult(outcome, error.hard() ? List.of() : running.writes());
  }

  private Map<String, @Nullable Object> meta(Outcome last) {
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("attempt", last.meta().getOrDefault("attempt", 1L));
    meta.put("duration_ms", (System.nanoTime() - start) / 1_000_000);
    meta.put("task_runs", (long) runs);
    if (!running.warnings().isEmpty()) {
      meta.put(WARNINGS, List.copyOf(running.warnings()));
    }
    return meta;
  }

  private Outcome warned(Outcome outcome) {
    return running.warnings().isEmpty()
        ? outcome
        : Outcomes.withMeta(outcome, WARNINGS, List.copyOf(running.warnings()));
  }

  private Outcome timedOut() {
    Duration limit = deadline.limit();
    String after = limit == null ? "" : " after " + Fields.words(limit);
    Outcome none = Outcome.soft(null, Errors.timeout("Step timed out" + after));
    return Outcomes.error(none, Status.TIMEOUT, Errors.timeout("Step timed out" + after), false);
  }

  private Outcome tooManyRuns() {
    return Outcome.soft(
        null,
        Errors.of(
            "limit",
            "TOO_MANY_TASK_RUNS",
            "task sequence exceeded "
                + tools.settings().maxTaskRuns()
                + " task runs (sequence.max-task-runs)",
            false));
  }

  private static Outcome unknownTarget(Outcome outcome, String label, String target) {
    return Outcomes.error(
        outcome,
        Status.ERROR,
        Errors.of(
            "policy",
            "UNKNOWN_TARGET",
            "Task '" + label + "' jumps to '" + target + "', but there is no such task",
            false),
        false);
  }

  private String at(String label) {
    return sequence ? "Task '" + label + "': " : "";
  }
}
