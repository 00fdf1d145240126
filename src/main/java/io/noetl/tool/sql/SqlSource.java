package io.noetl.tool.sql;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.code.CodeSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the SQL text of a call. */
public final class SqlSource {
  private SqlSource() {}

  /**
   * The first of {@code query}, {@code command}, {@code sql}, {@code commands} (a list or text) and
   * their forms in base64; may be blank.
   *
   * @throws InvalidConfig when there is none
   */
  public static String text(ToolKind kind, Fields fields) {
    String given = given(kind, fields);
    if (given == null) {
      throw InvalidConfig.missing(kind, "query");
    }
    return given;
  }

  /**
   * As {@link #text(ToolKind, Fields)}, and where there is none of these, what the field named
   * script leads to.
   *
   * @throws InvalidConfig when there is none, or the script cannot be read or fetched
   */
  public static String text(ToolCall call, Fields fields, CodeSource scripts)
      throws InterruptedException {
    String given = given(call.kind(), fields);
    if (given != null) {
      return given;
    }
    if (fields.first("script") == null) {
      throw InvalidConfig.missing(call.kind(), "query");
    }
    return scripts.script(call, fields);
  }

  private static @Nullable String given(ToolKind kind, Fields fields) {
    Object plain = fields.first("query", "command", "sql", "commands");
    if (plain != null) {
      return joined(plain);
    }
    String encoded = fields.text("query_b64", "command_b64");
    if (encoded == null) {
      return null;
    }
    try {
      return new String(Base64.getMimeDecoder().decode(encoded.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfig(
          "Invalid "
              + kind.word()
              + " config: expected field 'query_b64' to be base64, but: "
              + e.getMessage());
    }
  }

  private static String joined(Object text) {
    if (!(text instanceof List<?> list)) {
      return Fields.asText(text);
    }
    List<String> parts = new ArrayList<>();
    for (@Nullable Object part : list) {
      if (part != null) {
        parts.add(Fields.asText(part));
      }
    }
    // On a line of its own: the part before may end in a comment.
    return String.join("\n;\n", parts);
  }
}
