package io.noetl.cli;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The input of an execution as the command line gives it. */
final class Payloads {
  private Payloads() {}

  /**
   * @param payload a JSON object, or {@code @} and the name of a file that holds one; null for none
   * @param sets {@code name=value} each, laid over the payload; a value that is JSON counts as
   *     that, any other is text
   * @throws UserError when one cannot be read
   */
  static Map<String, @Nullable Object> of(@Nullable String payload, List<String> sets) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    if (payload != null) {
      members.putAll(object(payload));
    }
    for (String set : sets) {
      int equals = set.indexOf('=');
      if (equals < 1) {
        throw new UserError("Expected --set name=value, but got --set " + set);
      }
      String name = set.substring(0, equals).strip();
      if (name.contains(".")) {
        throw new UserError(
            "Expected --set with a top-level name, but got '"
                + name
                + "'. Nested input goes into --payload '{\"…\": {\"…\": …}}'");
      }
      members.put(name, value(set.substring(equals + 1)));
    }
    return members;
  }

  private static Map<String, @Nullable Object> object(String payload) {
    String text = payload;
    String where = "--payload";
    if (payload.startsWith("@")) {
      where = "--payload " + payload;
      text = read(Path.of(payload.substring(1)));
    }
    try {
      return Json.parseObject(text);
    } catch (JsonException e) {
      throw new UserError("Expected a JSON object in " + where + ", but " + e.getMessage());
    }
  }

  private static @Nullable Object value(String text) {
    try {
      return Json.parse(text);
    } catch (JsonException e) {
      // Not JSON, so it is the text that it looks like.
      return text;
    }
  }

  /**
   * @throws UserError when the file cannot be read as UTF-8 text
   */
  static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * @throws UserError when the file cannot be read
   */
  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static UserError unreadable(Path file, IOException e) {
    String why =
        Files.isDirectory(file)
            ? "it is a folder"
            : switch (e) {
              case java.nio.file.NoSuchFileException _ -> "there is no such file";
              case java.nio.file.AccessDeniedException _ -> "it is not permitted";
              case java.nio.charset.CharacterCodingException _ -> "it is not UTF-8 text";
              default -> e.getMessage();
            };
    return new UserError("Expected to read " + file + ", but " + why);
  }
}
