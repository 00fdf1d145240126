package io.noetl.tool.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What an {@code auth} field adds to a request.
 *
 * @param header name and value of a header; null = none
 * @param parameter name and value for the query; null = none
 */
record HttpAuth(@Nullable Pair header, @Nullable Pair parameter) {
  static final HttpAuth NONE = new HttpAuth(null, null);

  record Pair(String name, String value) {}

  static HttpAuth bearer(String token) {
    return header("Authorization", "Bearer " + token);
  }

  static HttpAuth header(String name, String value) {
    return new HttpAuth(new Pair(name, value), null);
  }

  static HttpAuth parameter(String name, String value) {
    return new HttpAuth(null, new Pair(name, value));
  }

  /** The header of a user and password. */
  static Pair basicHeader(String userAndPassword) {
    return new Pair("Authorization", "Basic " + base64(userAndPassword));
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
