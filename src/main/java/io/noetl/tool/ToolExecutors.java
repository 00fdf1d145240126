package io.noetl.tool;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/** The executors of a worker by kind. Immutable; safe for use by many threads. */
public final class ToolExecutors implements ToolExecutor {
  private final Map<ToolKind, ToolExecutor> executors;

  /**
   * @param executors one executor may serve several kinds; they are closed with this registry
   */
  public ToolExecutors(Map<ToolKind, ToolExecutor> executors) {
    this.executors = Map.copyOf(executors);
  }

  /** Runs the call; a kind without an executor is a hard error that names it. */
  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    ToolExecutor executor = executors.get(call.kind());
    if (executor == null) {
      return Outcome.hard(Errors.configuration("Tool not available: " + call.kind().word()));
    }
    return executor.run(call);
  }

  /** The kinds that can be run. */
  public Set<ToolKind> kinds() {
    return executors.keySet();
  }

  @Override
  public void close() {
    Set<ToolExecutor> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    distinct.addAll(executors.values());
    distinct.forEach(ToolExecutor::close);
  }
}
