package io.noetl.tool.http;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an {@code auth} field adds to a request, in its direct form.
 *
 * @param header name and value of a header; null = none
 * @param parameter name and value for the query; null = none
 */
record HttpAuth(@Nullable Pair header, @Nullable Pair parameter) {
  static final HttpAuth NONE = new HttpAuth(null, null);

  record Pair(String name, String value) {}

  /** A credential that cannot be had; a hard error of its own kind. */
  static final class CredentialMissing extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CredentialMissing(String message) {
      super(message);
    }

    Map<String, @Nullable Object> error() {
      return Errors.of("credential", "CREDENTIAL", String.valueOf(getMessage()), false);
    }
  }

  /**
   * @param auth the rendered field
   * @throws InvalidConfig when a member is missing or the type is unknown
   * @throws CredentialMissing when it names a credential instead of holding one
   */
  static HttpAuth of(@Nullable Object auth) {
    if (auth == null || "".equals(auth)) {
      return NONE;
    }
    if (auth instanceof String name) {
      throw missing(name);
    }
    Fields fields =
        new Fields(ToolKind.HTTP, new Fields(ToolKind.HTTP, Map.of("auth", auth)).map("auth"));
    String type = fields.text("type");
    if (type == null) {
      throw missing(alias(fields, auth));
    }
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "none" -> NONE;
      case "bearer", "bearer_token", "token" ->
          header(
              "Authorization",
              "Bearer " + required(fields, "token", "access_token", "bearer_token", "api_key"));
      case "basic" -> basic(fields);
      case "api_key" -> apiKey(fields);
      default ->
          throw new CredentialMissing(
              "Authentication of type '"
                  + type
                  + "' is not available; use bearer, basic, api_key or none");
    };
  }

  /** The header of a user and password. */
  static Pair basicHeader(String userAndPassword) {
    return new Pair(
        "Authorization",
        "Basic "
            + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8)));
  }

  private static HttpAuth basic(Fields fields) {
    String user = required(fields, "username", "user");
    String password = fields.text("password");
    return new HttpAuth(basicHeader(user + ":" + (password == null ? "" : password)), null);
  }

  private static HttpAuth apiKey(Fields fields) {
    String key = required(fields, "api_key", "key", "token", "value");
    if ("query".equals(fields.text("in"))) {
      String parameter = fields.text("param");
      return new HttpAuth(null, new Pair(parameter == null ? "api_key" : parameter, key));
    }
    String header = fields.text("header");
    return header(header == null || header.isBlank() ? "X-API-Key" : header, key);
  }

  private static HttpAuth header(String name, String value) {
    return new HttpAuth(new Pair(name, value), null);
  }

  private static String required(Fields fields, String... names) {
    String value = fields.text(names);
    if (value != null && !value.isBlank()) {
      return value;
    }
    String credential = fields.text("credential");
    if (credential != null) {
      throw missing(credential);
    }
    throw InvalidConfig.missing(ToolKind.HTTP, "auth." + names[0]);
  }

  private static String alias(Fields fields, Object auth) {
    String name = fields.text("name", "key", "credential");
    if (name != null) {
      return name;
    }
    return auth instanceof Map<?, ?> map && !map.isEmpty()
        ? String.valueOf(map.keySet().iterator().next())
        : "";
  }

  private static CredentialMissing missing(String name) {
    return new CredentialMissing("Credential alias '" + name + "' not found");
  }
}
