package io.noetl.cli;

import io.noetl.json.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON for people: two spaces per level, short lists and objects on one line. */
final class PrettyJson {
  private static final int SHORT = 80;

  private PrettyJson() {}

  static String text(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value, "");
    return out.toString();
  }

  private static void write(StringBuilder out, @Nullable Object value, String indent) {
    switch (value) {
      case Map<?, ?> map when !isShort(map) -> {
        String inner = indent + "  ";
        String separator = "{\n";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator).append(inner).append(Json.text(String.valueOf(entry.getKey())));
          out.append(": ");
          write(out, entry.getValue(), inner);
          separator = ",\n";
        }
        out.append('\n').append(indent).append('}');
      }
      case List<?> list when !isShort(list) -> {
        String inner = indent + "  ";
        String separator = "[\n";
        for (Object item : list) {
          out.append(separator).append(inner);
          write(out, item, inner);
          separator = ",\n";
        }
        out.append('\n').append(indent).append(']');
      }
      case null, default -> out.append(Json.text(value));
    }
  }

  private static boolean isShort(Object value) {
    return Json.text(value).length() <= SHORT;
  }
}
