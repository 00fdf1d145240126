package io.noetl.tool.sequence;

import io.noetl.playbook.Policy;
import io.noetl.playbook.Retry;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The older {@code retry} of a tool, which repeats a call before its policy is asked. */
final class OlderRetry {
  private final Templates templates;
  private final Delays delays;
  private final PolicyRunner policies;

  OlderRetry(Templates templates, Delays delays, PolicyRunner policies) {
    this.templates = templates;
    this.delays = delays;
    this.policies = policies;
  }

  /**
   * @param runs how many runs were made, at least 1
   * @return the delay before another run; empty = no other run
   * @param warnings is given a sentence for each guard that cannot be evaluated, and so does not
   *     match
   * @throws TemplateException when an amount cannot be evaluated
   */
  Optional<Duration> again(
      @Nullable Retry retry, Outcome outcome, Scope names, int runs, Consumer<String> warnings) {
    Map<String, @Nullable Object> error = outcome.error();
    if (retry == null || error == null) {
      return Optional.empty();
    }
    Scope scope = PolicyRunner.withOutput(names, outcome);
    if (runs >= delays.attempts(retry.attempts(), Policy.DEFAULT_ATTEMPTS, scope)
        || !wanted(retry, error, scope, warnings)
        || (retry.stopWhen() != null
            && policies.matches(retry.stopWhen(), "retry.stop_when", scope, warnings))) {
      return Optional.empty();
    }
    Duration base = delays.amount("delay", retry.delay(), scope);
    Duration most = delays.amount("max_delay", retry.maxDelay(), scope);
    Duration delay;
    Object multiplier = templates.render(retry.multiplier(), scope);
    if (retry.backoff() == null && multiplier != null) {
      delay = Delays.grown(base == null ? Delays.DEFAULT : base, power(multiplier, runs - 1));
      delay = most != null && delay.compareTo(most) > 0 ? most : delay;
    } else {
      delay =
          Delays.ofBackoff(retry.backoff() == null ? "fixed" : retry.backoff(), base, most, runs);
    }
    return Optional.of(delays.asked(delay, outcome));
  }

  private boolean wanted(
      Retry retry, Map<String, @Nullable Object> error, Scope scope, Consumer<String> warnings) {
    if (retry.when() != null
        && policies.matches(retry.when(), "retry.retry_when", scope, warnings)) {
      return true;
    }
    List<String> kinds = retry.on();
    if (kinds.isEmpty()) {
      return Boolean.TRUE.equals(error.get("retryable"));
    }
    String kind = String.valueOf(error.get("kind"));
    return kinds.contains("error")
        || kinds.contains(kind)
        || (kind.startsWith("db_") && kinds.contains(kind.substring(3)));
  }

  private static double power(Object multiplier, int exponent) {
    try {
      return Math.pow(Double.parseDouble(multiplier.toString().strip()), exponent);
    } catch (NumberFormatException e) {
      throw new TemplateException(
          "retry.backoff_multiplier: expected a number, but got '" + multiplier + "'");
    }
  }
}
