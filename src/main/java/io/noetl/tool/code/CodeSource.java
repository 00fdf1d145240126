package io.noetl.tool.code;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the code of a call: {@code code}, {@code code_b64}, or {@code script}. Safe for use by many
 * threads.
 */
public final class CodeSource {
  private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(30);

  private final ToolExecutor http;

  /**
   * @param http fetches scripts whose source is an address
   */
  public CodeSource(ToolExecutor http) {
    this.http = http;
  }

  /**
   * @throws InvalidConfig when there is no code or it cannot be fetched
   */
  public String code(ToolCall call, Fields fields) throws InterruptedException {
    String code = fields.text("code");
    if (code != null) {
      return code;
    }
    String encoded = fields.text("code_b64", "code_base64");
    if (encoded != null) {
      try {
        return new String(Base64.getMimeDecoder().decode(encoded.strip()), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        throw new InvalidConfig(
            "Invalid "
                + call.kind().word()
                + " config: expected field 'code_b64' to be base64, but: "
                + e.getMessage());
      }
    }
    if (fields.first("script") == null) {
      throw InvalidConfig.missing(call.kind(), "code");
    }
    return script(call, fields);
  }

  /**
   * The text that the field {@code script} leads to, of whatever language the tool speaks.
   *
   * @param fields those of the call
   * @throws InvalidConfig when it leads nowhere or the text cannot be fetched
   */
  public String script(ToolCall call, Fields fields) throws InterruptedException {
    Fields script = new Fields(call.kind(), fields.map("script"));
    Fields source = new Fields(call.kind(), script.map("source"));
    String type = source.text("type");
    return switch (type == null ? "inline" : type.toLowerCase(Locale.ROOT)) {
      case "inline" -> {
        String code = source.text("code");
        if (code == null) {
          throw InvalidConfig.missing(call.kind(), "script.source.code");
        }
        yield code;
      }
      case "file" -> file(required(call, script.text("uri"), "script.uri"));
      case "http", "https" -> fetched(call, script, source);
      case "gcs", "s3" ->
          throw new InvalidConfig(
              "Script source '" + type + "' is not available; use inline, file or http");
      default ->
          throw new InvalidConfig(
              "Expected script.source.type to be inline, file, http, gcs or s3, but it is '"
                  + type
                  + "'");
    };
  }

  private static String file(String uri) {
    try {
      return Files.readString(Path.of(uri.startsWith("file://") ? uri.substring(7) : uri));
    } catch (IOException | InvalidPathException e) {
      throw new InvalidConfig(
          "Script '"
              + uri
              + "' cannot be read: "
              + e.getClass().getSimpleName()
              + " "
              + e.getMessage());
    }
  }

  private String fetched(ToolCall call, Fields script, Fields source) throws InterruptedException {
    String endpoint = source.text("endpoint");
    String uri = required(call, endpoint == null ? script.text("uri") : endpoint, "script.uri");
    Map<String, @Nullable Object> request = new LinkedHashMap<>();
    request.put("url", uri);
    request.put("method", source.text("method"));
    request.put("headers", source.first("headers"));
    request.put("auth", source.first("auth"));
    request.put("response_type", "text");
    Duration timeout = source.duration("timeout");
    Outcome outcome =
        http.run(
            new ToolCall(
                ToolKind.HTTP,
                request,
                null,
                call.identity(),
                Map.of(),
                timeout == null ? FETCH_TIMEOUT : timeout,
                ToolCall.LineLog.NONE));
    if (outcome.succeeded()
        && outcome.data() instanceof Map<?, ?> data
        && data.get("body") instanceof String body) {
      return body;
    }
    Map<String, @Nullable Object> error = outcome.error();
    throw new InvalidConfig(
        "Script '"
            + uri
            + "' cannot be fetched: "
            + (error == null ? "the answer is no text" : error.get("message")));
  }

  private static String required(ToolCall call, @Nullable String value, String field) {
    if (value == null || value.isBlank()) {
      throw InvalidConfig.missing(call.kind(), field);
    }
    return value;
  }
}
