package io.noetl.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;
import java.util.function.Supplier;

/** Lets pages of the configured origins call the API from a browser. */
final class Cors {
  private static final String ANY = "*";
  private static final String EXPOSED =
      "X-Request-Id, X-Next-Cursor, Retry-After, ETag, NoETL-Result-Ref";

  private final List<String> origins;
  private final Supplier<String> requestIds;

  /**
   * @param requestIds gives an id to preflights, which no route sees
   */
  Cors(List<String> origins, Supplier<String> requestIds) {
    this.origins = origins;
    this.requestIds = requestIds;
  }

  void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String origin = request.headers().first(HeaderNames.ORIGIN).orElse(null);
    if (origin == null || origins.isEmpty()) {
      chain.proceed();
      return;
    }
    boolean any = origins.contains(ANY);
    if (any || origins.contains(origin)) {
      response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, any ? ANY : origin);
      response.header(HeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
      if (!any) {
        response.header(HeaderNames.VARY, "Origin");
      }
      if (preflight(request)) {
        response.header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE");
        response.header(
            HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS,
            request
                .headers()
                .first(HeaderNames.ACCESS_CONTROL_REQUEST_HEADERS)
                .orElse("Content-Type, Authorization, X-Noetl-Tenant"));
        response.header(HeaderNames.ACCESS_CONTROL_MAX_AGE, "600");
        response.header(Edge.REQUEST_ID, requestIds.get());
        response.status(204).send();
        return;
      }
    }
    chain.proceed();
  }

  private static boolean preflight(RoutingRequest request) {
    return request.prologue().method().equals(Method.OPTIONS)
        && request.headers().contains(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
  }
}
