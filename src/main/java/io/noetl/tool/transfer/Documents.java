package io.noetl.tool.transfer;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import org.jspecify.annotations.Nullable;

/** Values for columns of JSON documents. */
final class Documents {
  private Documents() {}

  /** The value as a document: text that is one already stays, all else is written as JSON. */
  static @Nullable Object of(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Json.Raw raw -> raw;
      case byte[] bytes -> bytes;
      case String text -> new Json.Raw(valid(text) ? text : Json.text(text));
      default -> new Json.Raw(Json.text(value));
    };
  }

  private static boolean valid(String text) {
    try {
      Json.parse(text);
      return true;
    } catch (JsonException e) {
      return false;
    }
  }
}
