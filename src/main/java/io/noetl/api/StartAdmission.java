package io.noetl.api;

import io.noetl.admission.Admission;
import io.noetl.admission.Overload;
import io.noetl.execution.PoolChooser;
import io.noetl.journal.DedupKeys;
import io.noetl.playbook.Playbook;
import io.noetl.query.Executions;
import org.jspecify.annotations.Nullable;

/**
 * Asks admission about one start. What adds no work of its own is let through: a child of a running
 * execution, whose parent could not end without it, and a repeat of a start that was accepted.
 */
record StartAdmission(
    Admission admission, PoolChooser pools, Executions executions, DedupKeys dedupKeys) {

  /**
   * @param pool that the start asks for, or null
   * @param parent execution whose child it is, or null
   * @param dedupKey of the start, or null
   * @return null when it may start
   */
  @Nullable Overload refusal(
      String tenant,
      Playbook playbook,
      String path,
      @Nullable String pool,
      @Nullable Long parent,
      @Nullable String dedupKey) {
    if (parent != null && running(tenant, parent)) {
      return null;
    }
    Overload overload = admission.refusal(() -> pools.poolsOf(path, pool, playbook));
    return overload != null && dedupKey != null && dedupKeys.known(tenant, dedupKey)
        ? null
        : overload;
  }

  private boolean running(String tenant, long executionId) {
    return executions.find(tenant, executionId).filter(row -> !row.status().terminal()).isPresent();
  }
}
