package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.CtxUpdated;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Variables that one completion sets, in order, gathered into one event. */
final class VariableWrites {
  private final List<CtxWrite> writes = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  void add(CtxWrite write) {
    writes.add(write);
  }

  void addAll(List<CtxWrite> more) {
    writes.addAll(more);
  }

  void warn(String sentence) {
    warnings.add(sentence);
  }

  void warnAll(VariableWrites other) {
    warnings.addAll(other.warnings);
  }

  boolean isEmpty() {
    return writes.isEmpty();
  }

  /** The event that records them. */
  CtxUpdated event(@Nullable String step) {
    return new CtxUpdated(step, List.copyOf(writes), List.copyOf(warnings));
  }

  /** What was written since there were {@code from} writes. */
  List<CtxWrite> since(int from) {
    return List.copyOf(writes.subList(from, writes.size()));
  }

  int size() {
    return writes.size();
  }
}
