package io.noetl.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request as a route sees it. Belongs to the thread that serves it. */
final class Call {
  private final ServerRequest request;
  private final ServerResponse response;
  private final Caller caller;
  private final String requestId;
  private final Bodies.Limit bodyLimit;
  private final Consumer<String> permit;

  Call(
      ServerRequest request,
      ServerResponse response,
      Caller caller,
      String requestId,
      Bodies.Limit bodyLimit,
      Consumer<String> permit) {
    this.request = request;
    this.response = response;
    this.caller = caller;
    this.requestId = requestId;
    this.bodyLimit = bodyLimit;
    this.permit = permit;
  }

  /**
   * To be called by routes whose body says which entry they are about, before they do anything
   * about it; {@link RoutePaths} lists them.
   *
   * @throws Problem.Refusal 403 when the policy denies it
   */
  void permit(String path) {
    permit.accept(path);
  }

  String tenant() {
    return caller.tenantId();
  }

  /** The tenant, or that of a system without tenants for a worker of all of them. */
  String home() {
    return caller.tenantId().equals(Access.EVERY_TENANT)
        ? Access.DEFAULT_TENANT
        : caller.tenantId();
  }

  /** Who calls. */
  Caller caller() {
    return caller;
  }

  /** Whether the caller could act for any tenant. */
  boolean everyTenant() {
    return caller.reach() == Caller.Reach.EVERY_TENANT;
  }

  /** The same request on behalf of another tenant, for callers who may act for every tenant. */
  Call as(String tenant) {
    return new Call(request, response, caller.as(tenant), requestId, bodyLimit, permit);
  }

  String subject() {
    return caller.subject();
  }

  String requestId() {
    return requestId;
  }

  /** For routes that stream. */
  ServerResponse response() {
    return response;
  }

  /** Whether the caller wants the connection to end with the reply; later versions have no such. */
  boolean asksToClose() {
    return request.prologue().protocolVersion().startsWith("1")
        && request.headers().contains(HeaderValues.CONNECTION_CLOSE);
  }

  /** A variable of the path, decoded. */
  String path(String name) {
    return storable(name, request.path().pathParameters().get(name));
  }

  private static String storable(String name, String value) {
    if (value.indexOf('\0') >= 0) {
      throw Problems.badRequest("Expected " + name + " without the character U+0000").refusal();
    }
    return value;
  }

  /** Whether the route has that variable. */
  boolean hasPath(String name) {
    return request.path().pathParameters().contains(name);
  }

  /** A variable of the path that is an id. */
  long pathId(String name) {
    return Ids.parse(path(name), name);
  }

  /** A query parameter, or null when it is absent or empty. */
  @Nullable String query(String name) {
    if (!request.query().contains(name)) {
      return null;
    }
    String value = storable(name, request.query().get(name));
    return value.isEmpty() ? null : value;
  }

  @Nullable Long queryId(String name) {
    String value = query(name);
    return value == null ? null : (Long) Ids.parse(value, name);
  }

  boolean queryFlag(String name) {
    String value = query(name);
    return value != null && !value.equals("false") && !value.equals("0");
  }

  /** A number from the query, clamped to the range. */
  int queryNumber(String name, int missing, int least, int most) {
    String value = query(name);
    if (value == null) {
      return missing;
    }
    try {
      return Math.clamp(Long.parseLong(value), least, most);
    } catch (NumberFormatException e) {
      throw Problems.badRequest("Expected " + name + " to be a number, but got '" + value + "'")
          .refusal();
    }
  }

  @Nullable Instant queryTime(String name) {
    String value = query(name);
    if (value == null) {
      return null;
    }
    try {
      OffsetDateTime time = OffsetDateTime.parse(value);
      if (time.getYear() >= 1970 && time.getYear() <= 9999) {
        return time.toInstant();
      }
    } catch (DateTimeParseException e) {
      throw notATime(name, value);
    }
    throw notATime(name, value);
  }

  private static Problem.Refusal notATime(String name, String value) {
    return Problems.badRequest(
            "Expected "
                + name
                + " to be a time such as 2026-01-31T12:00:00Z, but got '"
                + value
                + "'")
        .refusal();
  }

  @Nullable String header(String name) {
    return request.headers().first(HeaderNames.create(name)).orElse(null);
  }

  boolean accepts(String mediaType) {
    String accept = header("Accept");
    return accept != null && accept.contains(mediaType);
  }

  /** The media type of the body without its parameters, or empty. */
  String contentType() {
    String type = header("Content-Type");
    if (type == null) {
      return "";
    }
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip();
  }

  /** The body within the limit of the route. */
  byte[] bytes() {
    return Bodies.read(request, bodyLimit);
  }

  /** The body, which must be a JSON object. */
  Map<String, @Nullable Object> json() {
    return Json.parseSentObject(bytes());
  }

  /** The body, which may be absent. */
  Map<String, @Nullable Object> jsonOrEmpty() {
    byte[] bytes = bytes();
    return bytes.length == 0 ? new LinkedHashMap<>() : Json.parseSentObject(bytes);
  }
}
