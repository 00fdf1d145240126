package io.noetl.execution;

import io.noetl.playbook.Playbook;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A registered playbook as the core reads it, pinned by an execution at its start. Immutable and
 * shared by threads.
 *
 * @param graph reachability of its steps, made once
 * @param lazyWorkload the workload defaults, with template text marked as lazy
 * @param lazySpec legacy root {@code spec}, likewise
 */
public record Definition(
    long catalogId,
    int version,
    Playbook playbook,
    Graph graph,
    Map<String, @Nullable Object> lazyWorkload,
    Map<String, @Nullable Object> lazySpec) {

  public Definition(long catalogId, int version, Playbook playbook) {
    this(
        catalogId,
        version,
        playbook,
        new Graph(playbook),
        DispatchScope.lazyMembers(playbook.workload()),
        DispatchScope.lazyMembers(playbook.spec()));
  }
}
