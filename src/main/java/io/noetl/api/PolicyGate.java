package io.noetl.api;

import io.helidon.webserver.http.ServerRequest;
import io.noetl.policy.Policy;
import io.noetl.policy.Question;
import io.noetl.policy.Verdict;
import io.noetl.policy.compiled.Compilations;
import io.noetl.policy.compiled.Part;
import io.noetl.policy.compiled.Policies;
import io.noetl.policy.compiled.PolicyMetrics;
import io.noetl.policy.compiled.PolicySettings.WhenStale;

/**
 * Holds requests that the built-in rules have let in against the compiled policy, which can
 * therefore only take away. Not asked about: whoever runs the installation, since they could change
 * it; what workers do as workers, since without them none is compiled; and open routes. Safe for
 * many threads.
 */
final class PolicyGate {
  private final Policies policies;
  private final PolicyMetrics metrics;
  private final RoutePaths paths;

  PolicyGate(Policies policies, PolicyMetrics metrics, RoutePaths paths) {
    this.policies = policies;
    this.metrics = metrics;
    this.paths = paths;
  }

  /**
   * @throws Problem.Refusal when the request may not go on
   */
  void enter(Caller caller, Routes.Route route, ServerRequest request) {
    if (exempt(caller, route.access())) {
      return;
    }
    if (caller.tenantId().equals(Compilations.TENANT)) {
      throw refused(
          new Problem(
              403,
              "forbidden",
              "Expected another tenant: "
                  + Compilations.TENANT
                  + " is for the installation itself"));
    }
    current();
    Policy policy = policies.rules();
    Question.About about =
        policy.looksAtPaths() ? paths.of(route, caller.tenantId(), request) : Question.Open.NOTHING;
    judge(policy, question(caller, route, about));
  }

  /**
   * The route has found out which entry it is about.
   *
   * @throws Problem.Refusal when the request may not go on
   */
  void permit(Caller caller, Routes.Route route, String path) {
    if (!exempt(caller, route.access())) {
      judge(policies.rules(), question(caller, route, new Question.Entry(path)));
    }
  }

  /** Whether no policy is asked. */
  static boolean exempt(Caller caller, AccessClass access) {
    return caller.reach() == Caller.Reach.ANYBODY
        || caller.repairs()
        || switch (access) {
          case OPEN, WORKER, INTERNAL -> true;
          case SHARED -> caller.worker();
          case USER, OPERATOR -> false;
        };
  }

  /** Refuses when a policy is too old to go by, and that is to mean no. */
  private void current() {
    Part stale = policies.stale();
    if (stale != null && policies.settings().whenStale() == WhenStale.DENY) {
      throw refused(
          Problems.unavailable(
                  "Expected policy "
                      + stale.word()
                      + " to be confirmed within "
                      + policies.settings().maxAge().toSeconds()
                      + " s (policy.max-age), but it was not; operators of every tenant can"
                      + " repair it")
              .retryAfter(30)
              .with("reason", "policy_stale"));
    }
  }

  private void judge(Policy policy, Question question) {
    Verdict verdict = policy.decide(question);
    if (!verdict.allowed()) {
      int version = policies.standing(Part.RBAC).version();
      throw refused(
          new Problem(
                  403,
                  "forbidden",
                  "Expected the policy to let "
                      + question.subject()
                      + " "
                      + question.method()
                      + " "
                      + question.route()
                      + path(question)
                      + ", but "
                      + verdict.reason()
                      + " of version "
                      + version
                      + " denies it")
              .with("rule", verdict.rule())
              .with("policy_version", version));
    }
  }

  private static String path(Question question) {
    return question.about() instanceof Question.Entry(String path) ? " (path=" + path + ")" : "";
  }

  private Problem.Refusal refused(Problem problem) {
    metrics.denied();
    return problem.refusal();
  }

  private static Question question(Caller caller, Routes.Route route, Question.About about) {
    return new Question(
        caller.subject(),
        caller.tenantId(),
        caller.roles(),
        route.method().text(),
        route.template(),
        about);
  }
}
