package io.noetl.wait;

import org.jspecify.annotations.Nullable;

/** Whether an execution may start another one. Safe for use by many threads. */
public final class ChildAdmission {
  private final WaitQueue queue;
  private final int maxDepth;

  /**
   * @param maxDepth how deep playbooks may start playbooks ({@code playbook.max-child-depth})
   */
  public ChildAdmission(WaitQueue queue, int maxDepth) {
    this.queue = queue;
    this.maxDepth = maxDepth;
  }

  /** Why not, or null when it may. */
  public @Nullable String refusal(long parentId) {
    return queue.depthOfChild(parentId, maxDepth) > maxDepth
        ? "it would be nested deeper than " + maxDepth + " (playbook.max-child-depth)"
        : null;
  }
}
