package io.noetl.journal;

import io.noetl.execution.Definition;

/** The registered playbooks by id, parsed. Implementations cache; entries never change. */
@FunctionalInterface
public interface Definitions {
  /**
   * @throws IllegalStateException when there is no such entry: an execution pins it, so it may
   *     never go away
   */
  Definition get(long catalogId);
}
