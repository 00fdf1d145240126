package io.noetl.journal;

import io.noetl.execution.ExecutionState;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** States of executions that are running, the least recently used leaving first. Thread-safe. */
final class StateCache {
  private final Map<Long, ExecutionState> states;

  StateCache(int capacity) {
    this.states =
        new LinkedHashMap<>(256, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, ExecutionState> eldest) {
            return size() > capacity;
          }
        };
  }

  synchronized @Nullable ExecutionState get(long executionId) {
    return states.get(executionId);
  }

  synchronized void put(ExecutionState state) {
    states.put(state.executionId(), state);
  }

  synchronized void drop(long executionId) {
    states.remove(executionId);
  }
}
