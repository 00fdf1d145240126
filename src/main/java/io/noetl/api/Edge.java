package io.noetl.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.noetl.api.Routes.Route;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every request passes on its way in and out: its id, who the caller is, the reply or the one
 * shape of an error, and its meters.
 */
final class Edge {
  private static final Logger log = LoggerFactory.getLogger(Edge.class);
  static final HeaderName REQUEST_ID = HeaderNames.create("X-Request-Id");
  private static final HeaderName TRACE_PARENT = HeaderNames.create("traceparent");
  private static final String CLOSE = "close";
  private static final Pattern SANE_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
  private static final Pattern SANE_TRACE =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private final Access access;
  private final PolicyGate gate;
  private final HttpMetrics metrics;
  private final Supplier<String> requestIds;
  private final OpenRequests open = new OpenRequests();

  Edge(Access access, PolicyGate gate, HttpMetrics metrics, Supplier<String> requestIds) {
    this.access = access;
    this.gate = gate;
    this.metrics = metrics;
    this.requestIds = requestIds;
  }

  /** Refuses new requests, and waits so long for those that are being answered. */
  void close(Duration atMost) {
    open.close(atMost);
  }

  /** Registers all routes, then what answers to everything else. */
  void register(Routes routes, HttpRouting.Builder rules) {
    routes
        .byTemplate()
        .forEach(
            (_, group) -> {
              for (Route route : group) {
                HttpMetrics.PerRoute meters = metrics.of(route);
                rules.route(
                    route.method(),
                    route.pattern(),
                    (request, response) -> serve(route, meters, request, response));
              }
              refuseOtherMethods(group, rules);
            });
    HttpMetrics.PerRoute unmatched = metrics.unmatched();
    rules.any(
        (request, response) ->
            answer(
                request,
                response,
                unmatched,
                requestId ->
                    Reply.of(
                        Problems.notFound("There is no " + request.path().path()), requestId)));
    rules.error(Throwable.class, this::unserved);
  }

  private void refuseOtherMethods(List<Route> group, HttpRouting.Builder rules) {
    TreeSet<String> allowed = new TreeSet<>();
    group.forEach(route -> allowed.add(route.method().text()));
    String allow = String.join(", ", allowed);
    HttpMetrics.PerRoute meters = metrics.unmatched();
    rules.any(
        group.getFirst().pattern(),
        (request, response) ->
            answer(
                request,
                response,
                meters,
                requestId ->
                    Reply.of(
                        Problems.methodNotAllowed(
                            request.prologue().method().text(), request.path().path(), allow),
                        requestId)));
  }

  private void serve(
      Route route, HttpMetrics.PerRoute meters, ServerRequest request, ServerResponse response) {
    answer(
        request,
        response,
        meters,
        requestId -> {
          return switch (access.decide(new Head(request), route.access())) {
            case Access.Decision.Granted(Caller caller) -> {
              gate.enter(caller, route, request);
              yield route
                  .handler()
                  .handle(
                      new Call(
                          request,
                          response,
                          caller,
                          requestId,
                          route.limit(),
                          path -> gate.permit(caller, route, path)));
            }
            case Access.Decision.Unauthenticated(String sentence, String reason) -> {
              Problem problem =
                  new Problem(401, "unauthenticated", sentence)
                      .withHeader("WWW-Authenticate", "Bearer");
              yield Reply.of(reason == null ? problem : problem.with("reason", reason), requestId);
            }
            case Access.Decision.Forbidden(String sentence) ->
                Reply.of(new Problem(403, "forbidden", sentence), requestId);
            case Access.Decision.NotConfigured(String sentence) ->
                Reply.of(Problems.notConfigured(sentence), requestId);
          };
        });
  }

  /** What access knows of a request. */
  private record Head(ServerRequest request) implements Access.Headers {
    @Override
    public @Nullable String first(String name) {
      return request.headers().first(HeaderNames.create(name)).orElse(null);
    }

    @Override
    public String method() {
      return request.prologue().method().text();
    }

    @Override
    public String target() {
      String query = request.prologue().query().rawValue();
      String path = request.prologue().uriPath().rawPath();
      return query.isEmpty() ? path : path + "?" + query;
    }
  }

  private interface Work {
    Reply reply(String requestId);
  }

  private void answer(
      ServerRequest request, ServerResponse response, HttpMetrics.PerRoute meters, Work work) {
    open.begin();
    try {
      answerOpen(request, response, meters, open.closing() ? Edge::stopping : work);
    } finally {
      open.end();
    }
  }

  /** The caller comes back on another connection: to another replica, or to the next process. */
  private static Reply stopping(String requestId) {
    Problem problem = Problems.unavailable("The server is stopping; try again");
    return Reply.of(problem.withHeader(HeaderNames.CONNECTION.defaultCase(), CLOSE), requestId);
  }

  private void answerOpen(
      ServerRequest request, ServerResponse response, HttpMetrics.PerRoute meters, Work work) {
    long begun = System.nanoTime();
    String requestId = id(request);
    response.header(REQUEST_ID, requestId);
    String trace = sane(request.headers().first(TRACE_PARENT).orElse(null), SANE_TRACE);
    if (trace != null) {
      response.header(TRACE_PARENT, trace);
    }
    Reply reply;
    try {
      reply = work.reply(requestId);
    } catch (UncheckedIOException | CloseConnectionException e) {
      // The caller has gone or its stream has ended: nobody is left to answer.
      throw e;
    } catch (RuntimeException e) {
      reply = Reply.of(problem(e, request, requestId), requestId);
    }
    byte[] body = reply.body();
    if (body != null) {
      response.status(reply.status());
      response.header(HeaderNames.CONTENT_TYPE, reply.contentType());
      reply.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
      boolean last = lastOnConnection(request, reply);
      if (last) {
        response.header(HeaderValues.CONNECTION_CLOSE);
      }
      response.send(body);
      meters.record(reply.status(), System.nanoTime() - begun);
      if (last) {
        // The web server would keep the connection open although the headers say otherwise.
        throw new CloseConnectionException("the reply was the last on this connection");
      }
    }
  }

  private boolean lastOnConnection(ServerRequest request, Reply reply) {
    boolean last =
        open.closing()
            || request.headers().contains(HeaderValues.CONNECTION_CLOSE)
            || CLOSE.equals(reply.headers().get(HeaderNames.CONNECTION.defaultCase()));
    // Later versions of the protocol have no such header, and end in another way.
    return last && request.prologue().protocolVersion().startsWith("1");
  }

  private static Problem problem(RuntimeException e, ServerRequest request, String requestId) {
    Problem known = Problems.of(e);
    if (known != null) {
      return known;
    }
    if (e instanceof HttpException http) {
      return Problems.badRequest(http.status().reasonPhrase());
    }
    log.error(
        "request failed (request={}, {} {})",
        requestId,
        request.prologue().method().text(),
        request.path().path(),
        e);
    return Problems.internal();
  }

  /** What the web server itself could not serve, such as a path that cannot be decoded. */
  private void unserved(ServerRequest request, ServerResponse response, Throwable failure) {
    if (failure instanceof UncheckedIOException gone) {
      throw gone;
    }
    String requestId = id(request);
    Problem problem =
        failure instanceof RuntimeException e
            ? problem(e, request, requestId)
            : Problems.internal();
    Reply reply = Reply.of(problem, requestId);
    byte[] body = reply.body();
    if (body != null) {
      response.status(reply.status());
      response.header(REQUEST_ID, requestId);
      response.header(HeaderNames.CONTENT_TYPE, reply.contentType());
      response.send(body);
    }
  }

  private String id(ServerRequest request) {
    String given = sane(request.headers().first(REQUEST_ID).orElse(null), SANE_ID);
    return given == null ? requestIds.get() : given;
  }

  private static @Nullable String sane(@Nullable String text, Pattern pattern) {
    return text != null && pattern.matcher(text).matches() ? text : null;
  }
}
