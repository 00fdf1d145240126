package io.noetl.journal;

import java.util.Map;
import java.util.Set;

/** Told by lanes what they have just committed. Called on a lane's thread: must return at once. */
@FunctionalInterface
public interface CommitListener {
  /**
   * @param positions how far executions have come, by id; never empty
   * @param ended those of them that have come to their end
   */
  void committed(Map<Long, Integer> positions, Set<Long> ended);
}
