package io.noetl.api;

import io.helidon.webserver.http.ServerRequest;
import io.noetl.catalog.Catalog;
import io.noetl.envelope.Ids;
import io.noetl.policy.Question.About;
import io.noetl.policy.Question.Entry;
import io.noetl.policy.Question.Open;
import io.noetl.query.Executions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which entry of the catalog a request is about, by its route. A route that is not listed here may
 * be about any, which is the strictest reading. Safe for many threads.
 */
final class RoutePaths {
  /** Executions whose path is remembered; it never changes. */
  private static final int REMEMBERED = 50_000;

  private static final String IN_URL = "{path...}";

  /** Their body or query says it, and they call {@link Call#permit}. */
  static final Set<String> IN_BODY =
      Set.of(
          "POST /api/execute",
          "POST /api/execute/batch",
          "POST /api/catalog/register",
          "POST /api/catalog/resource",
          "GET /api/catalog/resource",
          "POST /api/catalog/delete",
          "POST /api/catalog/restore");

  /** About no entry at all. */
  static final Set<String> NOTHING =
      Set.of(
          "POST /api/catalog/validate",
          "POST /api/plugins/check",
          "GET /api/worker/pools",
          "GET /api/pool/status",
          "GET /api/dashboard/stats",
          "GET /api/runtime/shard-info",
          "GET /api/runtime/contract",
          "GET /api/openapi.json",
          "GET /openapi.json",
          "GET /api/schema/playbook",
          "POST /api/credentials",
          "GET /api/credentials",
          "GET /api/credentials/{id_or_name...}",
          "DELETE /api/credentials/{id_or_name...}");

  private final Executions executions;
  private final Map<Long, Owned> paths =
      new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Owned> eldest) {
          return size() > REMEMBERED;
        }
      };

  private record Owned(String tenant, String path) {}

  RoutePaths(Executions executions) {
    this.executions = executions;
  }

  /** Whether a route of this name finds its path in one of these ways, and not by being asked. */
  static About ofRoute(String method, String template) {
    String name = method + " " + template;
    if (IN_BODY.contains(name) || template.contains(IN_URL) || executionIn(template) != null) {
      return Open.LATER;
    }
    return NOTHING.contains(name) ? Open.NOTHING : Open.ANYTHING;
  }

  /** What a request is about, as far as is known before its route runs. */
  About of(Routes.Route route, String tenant, ServerRequest request) {
    String template = route.template();
    if (IN_BODY.contains(route.method().text() + " " + template)) {
      return Open.LATER;
    }
    if (template.contains(IN_URL)) {
      return new Entry(Catalog.normal(request.path().pathParameters().get("path")));
    }
    String execution = executionIn(template);
    if (execution != null) {
      String path = ofExecution(tenant, request.path().pathParameters().get(execution));
      return path == null ? Open.ANYTHING : new Entry(path);
    }
    return NOTHING.contains(route.method().text() + " " + template) ? Open.NOTHING : Open.ANYTHING;
  }

  /** The variable of a template that is the id of an execution; null when none is. */
  private static @Nullable String executionIn(String template) {
    return template.startsWith("/api/executions/{id}")
        ? "id"
        : template.contains("{execution_id}") ? "execution_id" : null;
  }

  /** The path of an execution of the tenant; null when there is none. */
  private @Nullable String ofExecution(String tenant, String id) {
    long executionId;
    try {
      executionId = Ids.parse(id, "execution_id");
    } catch (Ids.BadIdException e) {
      // Its route says what is wrong with it.
      return null;
    }
    Owned known;
    synchronized (paths) {
      known = paths.get(executionId);
    }
    if (known == null) {
      known =
          executions
              .find(tenant, executionId)
              .map(row -> new Owned(tenant, row.path()))
              .orElse(null);
      if (known == null) {
        return null;
      }
      synchronized (paths) {
        paths.put(executionId, known);
      }
    }
    return known.tenant().equals(tenant) ? known.path() : null;
  }
}
