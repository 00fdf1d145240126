package io.noetl.playbook;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing arcs of a step.
 *
 * @param mode how many arcs may be taken
 * @param arcs in document order; empty = the branch ends here
 */
public record Router(Mode mode, List<Arc> arcs) {

  public static final Router NONE = new Router(Mode.EXCLUSIVE, List.of());

  public Router {
    arcs = List.copyOf(arcs);
  }

  /** How many arcs may be taken. */
  public enum Mode {
    /** The first arc whose guard is true. */
    EXCLUSIVE,
    /** Every arc whose guard is true; all guards are evaluated before any {@code set}. */
    INCLUSIVE
  }

  /**
   * One directed edge.
   *
   * @param target name of a step, or {@code end}
   * @param when guard, null = always (a bool or template text)
   * @param set mutations applied when the arc is taken
   */
  public record Arc(String target, @Nullable Object when, List<Mutation> set) {
    public Arc {
      set = List.copyOf(set);
    }
  }
}
