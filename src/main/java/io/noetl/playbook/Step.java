package io.noetl.playbook;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One step in its normal form: a node of the graph that owns one tool or one sequence of tools.
 *
 * @param name unique in the playbook
 * @param when legacy guard, null = always (a bool or template text)
 * @param admit admission rules, tried in order; empty = admitted
 * @param options {@code spec} of the step
 * @param input step-level input, unrendered ({@code args} already merged under it)
 * @param loop null for a step that runs once per visit
 * @param tool what the step runs
 * @param set mutations applied once per completion
 * @param router outgoing arcs
 * @param output result storage options as written (tool-level ones merged in); empty = none
 */
public record Step(
    String name,
    @Nullable Object when,
    List<AdmitRule> admit,
    StepOptions options,
    Map<String, @Nullable Object> input,
    @Nullable Loop loop,
    Tool tool,
    List<Mutation> set,
    Router router,
    Map<String, @Nullable Object> output) {

  public Step {
    admit = List.copyOf(admit);
    set = List.copyOf(set);
  }

  /**
   * One admission rule.
   *
   * @param when guard, null = always (an {@code else} rule)
   * @param allow verdict when the guard is true
   */
  public record AdmitRule(@Nullable Object when, boolean allow) {}
}
