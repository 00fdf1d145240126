package io.noetl.tool.sequence;

import io.noetl.playbook.Policy;
import io.noetl.playbook.Policy.Action;
import io.noetl.playbook.Policy.Rule;
import io.noetl.playbook.Policy.Unmatched;
import io.noetl.playbook.scope.Mutations;
import io.noetl.playbook.scope.Mutations.Place;
import io.noetl.playbook.scope.Mutations.Write;
import io.noetl.playbook.scope.Views;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds the rule of a policy that matches an outcome and tells what it asks for. Stateless. */
final class PolicyRunner {
  private final Templates templates;
  private final Delays delays;

  PolicyRunner(Templates templates, Delays delays) {
    this.templates = templates;
    this.delays = delays;
  }

  /**
   * @param label of the task, for messages
   * @param names what the task's text sees, without {@code output}
   * @param runs how many runs of the task were made, at least 1
   * @param writer is given what the matching rule's {@code set} block writes
   * @param warnings is given a sentence for each guard that cannot be evaluated, and so does not
   *     match
   * @throws TemplateException when a {@code set} or an amount cannot be evaluated
   */
  Verdict verdict(
      @Nullable Policy policy,
      String label,
      Outcome outcome,
      Scope names,
      int runs,
      Consumer<List<Write>> writer,
      Consumer<String> warnings) {
    if (policy == null) {
      return unhandled(outcome);
    }
    Scope scope = withOutput(names, outcome);
    for (Rule rule : policy.rules()) {
      if (matches(rule.when(), "policy of task '" + label + "'", scope, warnings)) {
        writer.accept(Mutations.of(rule.set(), Place.POLICY, templates, scope).writes());
        return verdict(rule, label, outcome, scope, runs);
      }
    }
    return switch (policy.onUnmatched()) {
      case null -> unhandled(outcome);
      case Unmatched.CONTINUE -> new Verdict.Accept();
      case Unmatched.FAIL ->
          outcome.succeeded() ? new Verdict.End(failed(label, outcome)) : unhandled(outcome);
    };
  }

  /** Whether a guard inside a command lets pass; one that cannot be evaluated does not. */
  boolean matches(@Nullable Object guard, String place, Scope scope, Consumer<String> warnings) {
    try {
      return templates.guard(guard, scope);
    } catch (TemplateException e) {
      warnings.accept(place + ": guard '" + guard + "' does not match: " + e.getMessage());
      return false;
    }
  }

  private Verdict verdict(Rule rule, String label, Outcome outcome, Scope scope, int runs) {
    return switch (rule.action()) {
      case Action.CONTINUE -> new Verdict.Accept();
      case Action.BREAK -> new Verdict.Break();
      case Action.JUMP -> {
        String to = rule.to();
        yield new Verdict.Jump(to == null ? "" : templates.renderText(to, scope).strip());
      }
      case Action.FAIL -> new Verdict.End(failed(label, outcome));
      case Action.RETRY -> {
        int most = delays.attempts(rule.attempts(), Policy.DEFAULT_ATTEMPTS, scope);
        if (runs >= most) {
          yield unhandled(outcome);
        }
        Duration delay =
            Delays.ofBackoff(
                rule.backoff(),
                delays.amount("delay", rule.delay(), scope),
                delays.amount("max_delay", rule.maxDelay(), scope),
                runs);
        yield new Verdict.Again(delays.asked(delay, outcome));
      }
    };
  }

  /** The names of a rule: {@code output}, and its data under the names that nothing else has. */
  static Scope withOutput(Scope names, Outcome outcome) {
    Object output = Views.policyOutput(outcome);
    Object data = output instanceof TemplateObject object ? object.member("data") : null;
    Map<String, @Nullable Object> more = new LinkedHashMap<>();
    more.put("output", output);
    for (String alias : List.of("result", "response", "this")) {
      if (!names.has(alias)) {
        more.put(alias, TemplateObject.UNDEFINED.equals(data) ? null : data);
      }
    }
    return names.with(more);
  }

  private static Verdict unhandled(Outcome outcome) {
    return outcome.succeeded() ? new Verdict.Accept() : new Verdict.End(outcome);
  }

  /** The outcome as a soft error: its own, or that of the policy. */
  private static Outcome failed(String label, Outcome outcome) {
    Map<String, @Nullable Object> error = outcome.error();
    if (error == null) {
      error =
          Errors.of("policy", "POLICY_FAIL", "Task '" + label + "' failed by its policy", false);
    }
    return Outcomes.error(
        outcome, outcome.succeeded() ? Status.ERROR : outcome.status(), error, false);
  }
}
