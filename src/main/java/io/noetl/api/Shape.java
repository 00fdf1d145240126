package io.noetl.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the short notation of the route descriptions and turns it into JSON Schema:
 *
 * <pre>
 * {name: text, n?: int, tags: [text], any: {*: number}, kind: 'a' | 'b', entry: Entry}
 * </pre>
 *
 * Words: {@code text, id, int, number, flag, time, any, object, bytes, null}; a word that begins
 * with a capital is a named type. Members are required unless a {@code ?} follows their name.
 */
final class Shape {
  private final String text;
  private final boolean request;
  private int at;

  private Shape(String text, boolean request) {
    this.text = text;
    this.request = request;
  }

  /**
   * @param request whether it is sent to the server: ids may then be numbers, too
   * @throws IllegalArgumentException when the text is no shape; the message shows where
   */
  static Map<String, @Nullable Object> schema(String text, boolean request) {
    Shape shape = new Shape(text, request);
    Map<String, @Nullable Object> schema = shape.union();
    shape.blanks();
    if (shape.at < text.length()) {
      throw shape.unexpected();
    }
    return schema;
  }

  private Map<String, @Nullable Object> union() {
    List<Map<String, @Nullable Object>> choices = new ArrayList<>();
    List<String> words = new ArrayList<>();
    do {
      blanks();
      if (peek() == '\'') {
        words.add(quoted());
      } else {
        choices.add(single());
      }
      blanks();
    } while (skip('|'));
    if (!words.isEmpty()) {
      Map<String, @Nullable Object> choice = new LinkedHashMap<>();
      choice.put("type", "string");
      choice.put("enum", words);
      choices.add(choice);
    }
    if (choices.size() == 1) {
      return choices.getFirst();
    }
    Map<String, @Nullable Object> any = new LinkedHashMap<>();
    any.put("anyOf", choices);
    return any;
  }

  private Map<String, @Nullable Object> single() {
    Map<String, @Nullable Object> schema = new LinkedHashMap<>();
    if (skip('[')) {
      schema.put("type", "array");
      schema.put("items", union());
      expect(']');
    } else if (skip('{')) {
      object(schema);
    } else {
      word(schema);
    }
    return schema;
  }

  private void object(Map<String, @Nullable Object> schema) {
    schema.put("type", "object");
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    blanks();
    while (peek() != '}') {
      if (skip('*')) {
        expect(':');
        schema.put("additionalProperties", union());
      } else {
        String name = name();
        boolean optional = skip('?');
        expect(':');
        members.put(name, union());
        if (!optional) {
          required.add(name);
        }
      }
      blanks();
      if (!skip(',')) {
        break;
      }
      blanks();
    }
    expect('}');
    if (!members.isEmpty()) {
      schema.put("properties", members);
    }
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
  }

  private void word(Map<String, @Nullable Object> schema) {
    String word = name();
    switch (word) {
      case "text" -> schema.put("type", "string");
      case "id" -> {
        schema.put("type", request ? List.of("string", "integer") : "string");
        schema.put("pattern", "^[0-9]{1,19}$");
        if (request) {
          schema.put("minimum", 0);
        }
      }
      case "int" -> schema.put("type", "integer");
      case "number" -> schema.put("type", "number");
      case "flag" -> schema.put("type", "boolean");
      case "time" -> {
        schema.put("type", "string");
        schema.put("format", "date-time");
      }
      case "object" -> schema.put("type", "object");
      case "null" -> schema.put("type", "null");
      case "bytes" -> {
        schema.put("type", "string");
        schema.put("contentEncoding", "binary");
      }
      case "any" -> {}
      default -> {
        if (!Character.isUpperCase(word.charAt(0))) {
          throw new IllegalArgumentException(
              "Expected a shape, but '" + word + "' is no word of it in: " + text);
        }
        schema.put("$ref", "#/components/schemas/" + word);
      }
    }
  }

  private String quoted() {
    at++;
    int end = text.indexOf('\'', at);
    if (end < 0) {
      throw unexpected();
    }
    String word = text.substring(at, end);
    at = end + 1;
    return word;
  }

  private String name() {
    blanks();
    int from = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || "_$-".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    if (at == from) {
      throw unexpected();
    }
    return text.substring(from, at);
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private boolean skip(char c) {
    blanks();
    if (peek() == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!skip(c)) {
      throw unexpected();
    }
  }

  private void blanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException(
        "Expected a shape, but it breaks off here: "
            + text.substring(0, at)
            + " <-> "
            + text.substring(at));
  }
}
