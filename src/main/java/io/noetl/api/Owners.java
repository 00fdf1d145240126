package io.noetl.api;

import io.noetl.query.Executions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose execution it is, remembered because it never changes and every report asks. Safe for many
 * threads.
 */
final class Owners {
  private final Executions executions;
  private final Map<Long, String> tenants;

  /**
   * @param capacity executions that are remembered
   */
  Owners(Executions executions, int capacity) {
    this.executions = executions;
    this.tenants =
        new LinkedHashMap<>(1024, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, String> eldest) {
            return size() > capacity;
          }
        };
  }

  /** Whether there is such an execution and it is the tenant's. */
  boolean mayKnow(String tenant, long executionId) {
    return of(executionId).filter(tenant::equals).isPresent();
  }

  /** The tenant of an execution; empty when there is no such execution. */
  Optional<String> of(long executionId) {
    String known = known(executionId);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<String> found = executions.tenantOf(executionId);
    found.ifPresent(tenant -> learn(executionId, tenant));
    return found;
  }

  /**
   * @throws Problem.Refusal 404 when there is no such execution for the tenant
   */
  void require(String tenant, long executionId) {
    if (!mayKnow(tenant, executionId)) {
      throw notFound(executionId);
    }
  }

  static Problem.Refusal notFound(long executionId) {
    return Problems.notFound("execution " + executionId + " not found").refusal();
  }

  void learn(long executionId, String tenant) {
    synchronized (tenants) {
      tenants.put(executionId, tenant);
    }
  }

  private @Nullable String known(long executionId) {
    synchronized (tenants) {
      return tenants.get(executionId);
    }
  }
}
