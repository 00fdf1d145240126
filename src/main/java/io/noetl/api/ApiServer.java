package io.noetl.api;

import io.helidon.common.socket.SocketOptions;
import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.noetl.json.Json;
import io.noetl.support.AddressTakenException;
import io.noetl.support.Lifecycle;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The HTTP server of the API. Every request runs on a virtual thread of its own. */
public final class ApiServer implements Lifecycle {
  private static final String SECTION = "server";

  /** For connections on which nothing is asked: at the stop they have nothing to wait for. */
  private static final Duration IDLE_GRACE = Duration.ofMillis(500);

  private final ApiConfig config;
  private final ApiRoutes routes;
  private final Edge edge;
  private final Supplier<String> requestIds;
  private @Nullable WebServer server;

  /**
   * @param requestIds gives an id to requests that bring none
   */
  public ApiServer(
      ApiConfig config,
      ApiRoutes routes,
      Access access,
      HttpMetrics metrics,
      Supplier<String> requestIds) {
    this.config = config;
    this.routes = routes;
    this.requestIds = requestIds;
    this.edge = new Edge(access, routes.gate(), metrics, requestIds);
  }

  /**
   * Binds and serves.
   *
   * @throws AddressTakenException when the address cannot be bound
   */
  @Override
  public void start() {
    HttpRouting.Builder routing = HttpRouting.builder();
    routing.addFilter(new Cors(config.corsOrigins(), requestIds)::filter);
    edge.register(routes.routes(), routing);
    WebServer made =
        WebServer.builder()
            .host(config.host())
            .port(config.port())
            .routing(routing)
            // Replies are small and latency counts.
            .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
            .shutdownGracePeriod(IDLE_GRACE)
            .shutdownHook(false)
            .directHandlers(directHandlers())
            .build();
    AddressTakenException.check(config.host(), config.port(), SECTION);
    made.start();
    if (made.port() < 1) {
      // Somebody was quicker; the server library only logs that.
      made.stop();
      throw new AddressTakenException(
          config.host(), config.port(), SECTION, "the address is in use");
    }
    server = made;
  }

  /** The port that is bound, also when the configured one was 0. */
  public int port() {
    WebServer running = server;
    if (running == null) {
      throw new IllegalStateException("Expected the API to be started, but it is not");
    }
    return running.port();
  }

  @Override
  public void close() {
    // Open streams would otherwise use up the grace of all other requests.
    routes.endStreams();
    edge.close(config.closeGrace());
    WebServer running = server;
    server = null;
    if (running != null) {
      running.stop();
    }
  }

  /** What never reaches a route, such as a request line that cannot be read. */
  private DirectHandlers directHandlers() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (EventType type : EventType.values()) {
      handlers.addHandler(type, new UnreadableRequest(requestIds));
    }
    return handlers.build();
  }

  private record UnreadableRequest(Supplier<String> requestIds) implements DirectHandler {
    @Override
    public TransportResponse handle(
        TransportRequest request,
        EventType type,
        Status status,
        ServerResponseHeaders headers,
        String message) {
      Problem problem =
          switch (type) {
            case BAD_REQUEST, OTHER -> Problems.badRequest("The request cannot be read");
            case PAYLOAD_TOO_LARGE ->
                new Problem(413, "too_large", "The body is larger than allowed");
            case FORBIDDEN -> new Problem(403, "forbidden", "Not allowed");
            case INTERNAL_ERROR -> Problems.internal();
            case HTTP_VERSION_NOT_SUPPORTED ->
                new Problem(505, "bad_request", "HTTP/1.1 and HTTP/2 are served");
          };
      String requestId = requestIds.get();
      return TransportResponse.builder()
          .status(Status.create(problem.status()))
          .headers(headers)
          .header(Edge.REQUEST_ID, requestId)
          .header(HeaderNames.CONTENT_TYPE, "application/json; charset=utf-8")
          .entity(Json.bytes(problem.body(requestId)))
          .build();
    }
  }
}
