package io.noetl.execution;

import io.noetl.playbook.Playbook;
import io.noetl.playbook.Router;
import io.noetl.playbook.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reachability in the graph of a playbook, for joins and back edges.
 *
 * <p>Sets are found by searching when first asked for and then kept: a playbook of ten thousand
 * steps never needs all pairs. Safe for use by many threads.
 */
public final class Graph {
  private final Map<String, List<String>> successors = new HashMap<>();
  private final Map<String, Set<String>> predecessors = new HashMap<>();
  private final Map<String, Set<String>> reachable = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> forwardUpstreams = new ConcurrentHashMap<>();

  public Graph(Playbook playbook) {
    for (Step step : playbook.steps().values()) {
      Set<String> targets = new LinkedHashSet<>();
      for (Router.Arc arc : step.router().arcs()) {
        if (playbook.steps().containsKey(arc.target())) {
          targets.add(arc.target());
          predecessors.computeIfAbsent(arc.target(), t -> new LinkedHashSet<>()).add(step.name());
        }
      }
      successors.put(step.name(), new ArrayList<>(targets));
    }
  }

  /** Whether a token at {@code from} may, over one arc or more, come to {@code to}. */
  public boolean canReach(String from, String to) {
    return reachable.computeIfAbsent(from, this::search).contains(to);
  }

  /**
   * The steps with an arc into {@code step} that {@code step} cannot reach again: those that a join
   * waits for.
   */
  public Set<String> forwardUpstreams(String step) {
    return forwardUpstreams.computeIfAbsent(
        step,
        target -> {
          Set<String> result = new LinkedHashSet<>();
          for (String upstream : predecessors.getOrDefault(target, Set.of())) {
            if (!upstream.equals(target) && !canReach(target, upstream)) {
              result.add(upstream);
            }
          }
          return result;
        });
  }

  /**
   * Whether any of {@code wanted} is in {@code live}, or can be reached from there without passing
   * through {@code without}.
   */
  public boolean anyReachable(Set<String> live, Set<String> wanted, String without) {
    Set<String> seen = new HashSet<>(live);
    ArrayDeque<String> queue = new ArrayDeque<>(live);
    while (!queue.isEmpty()) {
      String step = queue.remove();
      if (wanted.contains(step)) {
        return true;
      }
      for (String next : successors.getOrDefault(step, List.of())) {
        if (!next.equals(without) && seen.add(next)) {
          queue.add(next);
        }
      }
    }
    return false;
  }

  private Set<String> search(String from) {
    Set<String> seen = new HashSet<>();
    ArrayDeque<String> queue = new ArrayDeque<>(successors.getOrDefault(from, List.of()));
    while (!queue.isEmpty()) {
      String step = queue.remove();
      if (seen.add(step)) {
        queue.addAll(successors.getOrDefault(step, List.of()));
      }
    }
    return seen;
  }
}
