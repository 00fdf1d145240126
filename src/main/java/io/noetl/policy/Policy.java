package io.noetl.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Rules of which a deny wins over every allow, and what holds where none matches. Safe for many
 * threads; deciding takes microseconds and touches nothing else.
 */
public final class Policy {
  /** Routes whose rules are remembered; a server has fewer. */
  private static final int REMEMBERED = 1_000;

  private final List<Rule> rules;
  private final Effect fallback;
  private final Map<Key, Rules> byRoute = new ConcurrentHashMap<>();

  private record Key(String method, String route) {}

  private record Rules(List<Rule> denies, List<Rule> allows) {}

  /**
   * @param fallback what holds where no rule matches
   */
  public Policy(List<Rule> rules, Effect fallback) {
    this.rules = List.copyOf(rules);
    this.fallback = fallback;
  }

  public List<Rule> rules() {
    return rules;
  }

  public Effect fallback() {
    return fallback;
  }

  /** Whether a rule looks at paths: else nobody has to find out which one a request is about. */
  public boolean looksAtPaths() {
    return rules.stream().anyMatch(rule -> !rule.paths().isEmpty());
  }

  /** The answer, and the rule that gave it. */
  public Verdict decide(Question question) {
    Rules of = of(question.method(), question.route());
    for (Rule rule : of.denies()) {
      if (matches(rule, question.about()) && rule.isFor(question)) {
        return new Verdict(Effect.DENY, rule.name());
      }
    }
    for (Rule rule : of.allows()) {
      if (matches(rule, question.about()) && rule.isFor(question)) {
        return new Verdict(Effect.ALLOW, rule.name());
      }
    }
    return new Verdict(fallback, null);
  }

  private static boolean matches(Rule rule, Question.About about) {
    return rule.paths().isEmpty()
        || switch (about) {
          case Question.Entry(String path) -> rule.isAbout(path);
          case Question.Open open ->
              switch (open) {
                case NOTHING -> false;
                case ANYTHING -> rule.effect() == Effect.DENY;
                case LATER -> rule.effect() == Effect.ALLOW;
              };
        };
  }

  private Rules of(String method, String route) {
    Key key = new Key(method, route);
    Rules known = byRoute.get(key);
    if (known != null) {
      return known;
    }
    List<Rule> denies = new ArrayList<>();
    List<Rule> allows = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule.isOf(method, route)) {
        (rule.effect() == Effect.DENY ? denies : allows).add(rule);
      }
    }
    Rules found = new Rules(List.copyOf(denies), List.copyOf(allows));
    if (byRoute.size() < REMEMBERED) {
      byRoute.put(key, found);
    }
    return found;
  }
}
