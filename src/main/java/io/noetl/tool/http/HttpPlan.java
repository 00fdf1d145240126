package io.noetl.tool.http;

import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request that is ready to be sent.
 *
 * @param headers by name, in any case of letters
 * @param secretHeader name of the header that authenticates; null = none that is known
 * @param body null = no body
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record HttpPlan(
    String method,
    URI address,
    Map<String, String> headers,
    @Nullable String secretHeader,
    byte @Nullable [] body,
    boolean followRedirects,
    boolean verify,
    ResponseType responseType) {

  /** How a response body becomes data. */
  enum ResponseType {
    JSON,
    TEXT,
    BINARY
  }

  private static final Set<String> METHODS =
      Set.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");

  /** The client sets these itself, to what the message really is. */
  private static final Set<String> MANAGED =
      Set.of("content-length", "connection", "transfer-encoding", "upgrade", "expect");

  private static final String FORM = "application/x-www-form-urlencoded";

  /**
   * @throws InvalidConfig when a field is missing or cannot be used
   */
  static HttpPlan of(Map<String, @Nullable Object> rendered, HttpAuth auth) {
    Fields fields = new Fields(ToolKind.HTTP, rendered);
    URI written = Urls.parse(fields.requiredText("url", "endpoint"));
    String method = method(fields);
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.putAll(fields.texts("headers"));
    headers.keySet().removeIf(name -> MANAGED.contains(name.toLowerCase(Locale.ROOT)));
    HttpAuth.Pair header = auth.header();
    if (header != null) {
      headers.putIfAbsent(header.name(), header.value());
    }
    String user = written.getRawUserInfo();
    if (user != null) {
      HttpAuth.Pair basic =
          HttpAuth.basicHeader(URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8));
      headers.putIfAbsent(basic.name(), basic.value());
    }
    Map<String, @Nullable Object> query = new LinkedHashMap<>(fields.map("params"));
    HttpAuth.Pair parameter = auth.parameter();
    if (parameter != null) {
      query.putIfAbsent(parameter.name(), parameter.value());
    }
    byte[] body = body(fields, method, headers, query);
    return new HttpPlan(
        method,
        Urls.withParameters(Urls.withoutUser(written), query),
        headers,
        header == null ? null : header.name(),
        body,
        fields.flag(true, "follow_redirects"),
        fields.flag(true, "verify_ssl", "verify"),
        responseType(fields));
  }

  /**
   * The plan for the target of a redirect.
   *
   * @param status of the redirecting answer
   */
  HttpPlan redirected(int status, URI target) {
    boolean becomesGet =
        (status == 303 && !method.equals("HEAD"))
            || ((status == 301 || status == 302) && method.equals("POST"));
    Map<String, String> kept = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    kept.putAll(headers);
    if (becomesGet) {
      kept.remove("content-type");
    }
    if (!sameOrigin(address, target)) {
      // What was meant for one host is not for another one.
      kept.remove("authorization");
      kept.remove("cookie");
      kept.remove("host");
      kept.keySet().removeIf(name -> name.toLowerCase(Locale.ROOT).contains("api-key"));
      if (secretHeader != null) {
        kept.remove(secretHeader);
      }
    }
    return new HttpPlan(
        becomesGet ? "GET" : method,
        target,
        kept,
        secretHeader,
        becomesGet ? null : body,
        followRedirects,
        verify,
        responseType);
  }

  private static boolean sameOrigin(URI a, URI b) {
    return a.getScheme().equalsIgnoreCase(b.getScheme())
        && a.getHost().equalsIgnoreCase(b.getHost())
        && a.getPort() == b.getPort();
  }

  private static String method(Fields fields) {
    String method = fields.text("method");
    String upper = method == null || method.isBlank() ? "GET" : method.strip();
    upper = upper.toUpperCase(Locale.ROOT);
    if (!METHODS.contains(upper)) {
      throw new InvalidConfig(
          "Invalid http config: expected field 'method' to be one of GET, POST, PUT, PATCH,"
              + " DELETE, HEAD, OPTIONS, but it is '"
              + method
              + "'");
    }
    return upper;
  }

  private static ResponseType responseType(Fields fields) {
    String type = fields.text("response_type");
    return switch (type == null ? "json" : type.toLowerCase(Locale.ROOT)) {
      case "json", "" -> ResponseType.JSON;
      case "text" -> ResponseType.TEXT;
      case "binary" -> ResponseType.BINARY;
      default ->
          throw new InvalidConfig(
              "Invalid http config: expected field 'response_type' to be json, text or binary, but"
                  + " it is '"
                  + type
                  + "'");
    };
  }

  private static byte @Nullable [] body(
      Fields fields,
      String method,
      Map<String, String> headers,
      Map<String, @Nullable Object> query) {
    Object json = fields.first("json");
    if (json != null) {
      return json(json, headers);
    }
    Object form = fields.first("form");
    if (form != null) {
      headers.putIfAbsent("Content-Type", FORM);
      return form instanceof Map<?, ?> ? form(fields.map("form")) : utf8(Fields.asText(form));
    }
    Object body = fields.first("body");
    if (body != null) {
      return body instanceof String text ? utf8(text) : json(body, headers);
    }
    String name = fields.first("data") == null ? "payload" : "data";
    Object data = fields.first(name);
    if (data instanceof Map<?, ?>) {
      if (method.equals("GET") || method.equals("HEAD")) {
        fields.map(name).forEach(query::putIfAbsent);
        return null;
      }
      return urlencoded(headers) ? form(fields.map(name)) : json(data, headers);
    }
    if (data == null) {
      return null;
    }
    return data instanceof List<?> ? json(data, headers) : utf8(Fields.asText(data));
  }

  private static boolean urlencoded(Map<String, String> headers) {
    String type = headers.get("content-type");
    return type != null && type.toLowerCase(Locale.ROOT).contains(FORM);
  }

  private static byte[] json(Object value, Map<String, String> headers) {
    headers.putIfAbsent("Content-Type", "application/json");
    return Json.bytes(value);
  }

  private static byte[] form(Map<String, @Nullable Object> values) {
    return utf8(Urls.encode(values));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
