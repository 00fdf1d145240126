package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.playbook.Playbook;
import io.noetl.playbook.Step;
import io.noetl.playbook.Tool;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.ToolSpec;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which pool a command goes to.
 *
 * @param byKind pools of tool kinds that do not go to {@code shared}
 */
public record PoolChooser(Map<ToolKind, String> byKind) {
  /** Runs plug-ins and everything under {@value #SYSTEM_PREFIX}. */
  public static final String SYSTEM = "system";

  /** Runs what no other pool is named for. */
  public static final String SHARED = "shared";

  private static final String SYSTEM_PREFIX = "system/";

  public PoolChooser {
    byKind = Map.copyOf(byKind);
  }

  String poolOf(Started started, ToolKind kind) {
    return poolOf(started.path(), started.pool(), kind);
  }

  /**
   * The pools to which an execution may send commands: of all its steps, reached or not, without
   * those of the playbooks that it starts.
   *
   * @param asked the pool that the start asks for, or null
   */
  public Set<String> poolsOf(String path, @Nullable String asked, Playbook playbook) {
    Set<String> pools = new TreeSet<>();
    for (Step step : playbook.steps().values()) {
      if (step.loop() != null && step.loop().cursor() != null) {
        pools.add(poolOf(path, asked, step.loop().cursor().kind()));
      }
      switch (step.tool()) {
        case Tool.Single(ToolSpec spec) -> {
          if (!StepStart.needsNoWorker(spec)
              && !ChildCalls.needNoWorker(spec)
              && Loops.unavailable(spec) == null) {
            pools.add(poolOf(path, asked, spec.kind()));
          }
        }
        case Tool.Sequence _ -> pools.add(poolOf(path, asked, ToolKind.TASK_SEQUENCE));
      }
    }
    return pools;
  }

  private String poolOf(String path, @Nullable String asked, ToolKind kind) {
    if (kind == ToolKind.WASM) {
      return SYSTEM;
    }
    if (asked != null) {
      return asked;
    }
    if (path.startsWith(SYSTEM_PREFIX)) {
      return SYSTEM;
    }
    return byKind.getOrDefault(kind, SHARED);
  }
}
