package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.playbook.ToolKind;
import java.util.Map;

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
    if (kind == ToolKind.WASM) {
      return SYSTEM;
    }
    if (started.pool() != null) {
      return started.pool();
    }
    if (started.path().startsWith(SYSTEM_PREFIX)) {
      return SYSTEM;
    }
    return byKind.getOrDefault(kind, SHARED);
  }
}
