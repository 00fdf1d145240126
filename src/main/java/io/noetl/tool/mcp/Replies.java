package io.noetl.tool.mcp;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.tool.http.BodyEnd;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the reply to one request in a stream of events while it arrives, so that a server may keep
 * the stream open. Not safe for use by many threads at once.
 */
final class Replies implements BodyEnd {
  private final long id;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final StringBuilder data = new StringBuilder();
  private @Nullable Map<String, @Nullable Object> found;

  /**
   * @param id of the request
   */
  Replies(long id) {
    this.id = id;
  }

  @Override
  public boolean reached(String contentType, byte[] piece) {
    if (!stream(contentType)) {
      return false;
    }
    for (byte next : piece) {
      if (next == '\n') {
        line(line.toString(StandardCharsets.UTF_8));
        line.reset();
      } else {
        line.write(next);
      }
    }
    return found != null;
  }

  /**
   * The reply in a whole body.
   *
   * @return empty when there is none
   */
  static Optional<Map<String, @Nullable Object>> in(String contentType, String body, long id) {
    if (!stream(contentType)) {
      return reply(body, id);
    }
    Replies replies = new Replies(id);
    // The end of the stream ends its last event, too.
    replies.reached(contentType, (body + "\n\n").getBytes(StandardCharsets.UTF_8));
    return Optional.ofNullable(replies.found);
  }

  private static boolean stream(String contentType) {
    return contentType.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
  }

  private void line(String text) {
    String plain = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    if (plain.isEmpty()) {
      if (found == null && !data.isEmpty()) {
        found = reply(data.toString(), id).orElse(null);
      }
      data.setLength(0);
    } else if (plain.startsWith("data:")) {
      String value = plain.substring(5);
      data.append(data.isEmpty() ? "" : "\n")
          .append(value.startsWith(" ") ? value.substring(1) : value);
    }
  }

  /** A message, or a batch of them; requests and notifications of the server are not for us. */
  private static Optional<Map<String, @Nullable Object>> reply(String json, long id) {
    Object parsed;
    try {
      parsed = Json.parse(json);
    } catch (JsonException e) {
      return Optional.empty();
    }
    List<?> messages =
        parsed instanceof List<?> list ? list : List.of(parsed == null ? "" : parsed);
    for (Object message : messages) {
      if (message instanceof Map<?, ?> map
          && (map.containsKey("result") || map.containsKey("error"))
          && (map.get("id") == null || String.valueOf(id).equals(String.valueOf(map.get("id"))))) {
        Map<String, @Nullable Object> reply = new LinkedHashMap<>();
        map.forEach((name, value) -> reply.put(String.valueOf(name), value));
        return Optional.of(reply);
      }
    }
    return Optional.empty();
  }
}
