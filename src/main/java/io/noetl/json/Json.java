package io.noetl.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes JSON as plain values. Stateless and safe for use by many threads.
 *
 * <p>Limits of reading (the JSON library's own check, named in the error): nesting {@value
 * #MAX_DEPTH}, number text 1000 digits, one string {@value #MAX_STRING} characters. Duplicate
 * members: the last one wins.
 */
public final class Json {
  /** Deepest nesting of arrays and objects that is read or written. */
  public static final int MAX_DEPTH = 500;

  /** Longest single string value, in characters. */
  public static final int MAX_STRING = 128 * 1024 * 1024;

  /** Deepest nesting of what others send: what is stored is put into documents around it. */
  public static final int MAX_SENT_DEPTH = 400;

  private static final JsonFactory FACTORY = factory(MAX_DEPTH);
  private static final JsonFactory SENT = factory(MAX_SENT_DEPTH);

  private static JsonFactory factory(int depth) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(depth)
                .maxStringLength(MAX_STRING)
                .build())
        .build();
  }

  /**
   * JSON text that is written as it is: a document from the database on its way out need not be
   * parsed and written again.
   *
   * @param text exactly one valid JSON value
   */
  public record Raw(String text) {}

  private Json() {}

  /**
   * @return the value of the whole text; mutable maps and lists owned by the caller
   * @throws JsonException when the bytes are not exactly one JSON document
   */
  public static @Nullable Object parse(byte[] utf8) {
    try (JsonParser parser = FACTORY.createParser(utf8)) {
      return document(parser);
    } catch (JsonProcessingException e) {
      throw unreadable(e);
    } catch (IOException e) {
      throw new JsonException("invalid JSON: " + e.getMessage());
    }
  }

  /**
   * @return the value of the whole text; mutable maps and lists owned by the caller
   * @throws JsonException when the text is not exactly one JSON document
   */
  public static @Nullable Object parse(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      return document(parser);
    } catch (JsonProcessingException e) {
      throw unreadable(e);
    } catch (IOException e) {
      throw new JsonException("invalid JSON: " + e.getMessage());
    }
  }

  /**
   * @return the members of the object that the text holds
   * @throws JsonException when the text is not one JSON object
   */
  @SuppressWarnings("unchecked") // a parsed object has string keys by construction
  public static Map<String, @Nullable Object> parseObject(byte[] utf8) {
    Object value = parse(utf8);
    if (value instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw new JsonException("expected a JSON object, but got " + typeName(value));
  }

  /**
   * As {@link #parseObject(byte[])}, of what somebody outside sends: nested at most {@value
   * #MAX_SENT_DEPTH} deep.
   */
  @SuppressWarnings("unchecked") // a parsed object has string keys by construction
  public static Map<String, @Nullable Object> parseSentObject(byte[] utf8) {
    try (JsonParser parser = SENT.createParser(utf8)) {
      Object value = document(parser);
      if (value instanceof Map<?, ?> map) {
        return (Map<String, @Nullable Object>) map;
      }
      throw new JsonException("expected a JSON object, but got " + typeName(value));
    } catch (JsonProcessingException e) {
      throw unreadable(e);
    } catch (IOException e) {
      throw new JsonException("invalid JSON: " + e.getMessage());
    }
  }

  /**
   * Some members of an object, read no further than the last of them: what follows is neither
   * looked at nor checked. For documents that begin with what one wants to know.
   *
   * @return those of the names that were found
   * @throws JsonException when the bytes do not begin with such an object
   */
  public static Map<String, @Nullable Object> members(byte[] utf8, Set<String> names) {
    Map<String, @Nullable Object> found = new HashMap<>();
    try (JsonParser parser = FACTORY.createParser(utf8)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new JsonException("expected a JSON object");
      }
      while (found.size() < names.size() && parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (token == null) {
          throw new JsonException("invalid JSON: the text ends within an object");
        }
        if (names.contains(name)) {
          found.put(name, value(parser, token));
        } else {
          parser.skipChildren();
        }
      }
      return found;
    } catch (JsonProcessingException e) {
      throw unreadable(e);
    } catch (IOException e) {
      throw new JsonException("invalid JSON: " + e.getMessage());
    }
  }

  /** As {@link #parseObject(byte[])}, from text. */
  public static Map<String, @Nullable Object> parseObject(String text) {
    return parseObject(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The value as compact UTF-8 JSON. Objects of other types than those of the package are refused.
   */
  public static byte[] bytes(@Nullable Object value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      write(generator, value, 0);
    } catch (IOException e) {
      throw new JsonException("cannot write JSON: " + e.getMessage());
    }
    return out.toByteArray();
  }

  /** The value as compact JSON text. */
  public static String text(@Nullable Object value) {
    StringWriter out = new StringWriter(256);
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      write(generator, value, 0);
    } catch (IOException e) {
      throw new JsonException("cannot write JSON: " + e.getMessage());
    }
    return out.toString();
  }

  /** The word for the JSON type of a plain value, for error messages. */
  public static String typeName(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Boolean _ -> "boolean";
      case Number _ -> "number";
      case String _ -> "string";
      case List<?> _ -> "array";
      case Map<?, ?> _ -> "object";
      default -> value.getClass().getSimpleName();
    };
  }

  private static JsonException unreadable(JsonProcessingException e) {
    var at = e.getLocation();
    String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    return new JsonException("invalid JSON: " + e.getOriginalMessage() + where);
  }

  private static @Nullable Object document(JsonParser parser) throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw new JsonException("invalid JSON: the text is empty");
    }
    Object value = value(parser, first);
    if (parser.nextToken() != null) {
      throw new JsonException("invalid JSON: more text after the end of the document");
    }
    return value;
  }

  private static @Nullable Object value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> decimal(parser);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new JsonException("invalid JSON: unexpected " + token);
    };
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      map.put(name, value(parser, parser.nextToken()));
    }
    return map;
  }

  private static List<@Nullable Object> array(JsonParser parser) throws IOException {
    List<@Nullable Object> list = new ArrayList<>();
    JsonToken token;
    while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
      list.add(value(parser, token));
    }
    return list;
  }

  private static Number integer(JsonParser parser) throws IOException {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        ? parser.getBigIntegerValue()
        : Long.valueOf(parser.getLongValue());
  }

  private static Number decimal(JsonParser parser) throws IOException {
    double value = parser.getDoubleValue();
    // A text beyond the range of a double must not silently become infinite.
    return Double.isFinite(value) ? Double.valueOf(value) : parser.getDecimalValue();
  }

  private static void write(JsonGenerator out, @Nullable Object value, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw new JsonException("value is nested deeper than json.max-depth (" + MAX_DEPTH + ")");
    }
    switch (value) {
      case null -> out.writeNull();
      case String s -> out.writeString(s);
      case Boolean b -> out.writeBoolean(b);
      case Long n -> out.writeNumber(n);
      case Integer n -> out.writeNumber(n);
      case Short n -> out.writeNumber(n.intValue());
      case Double d -> writeDouble(out, d);
      case Float f -> writeDouble(out, f.doubleValue());
      case BigInteger n -> out.writeNumber(n);
      case BigDecimal n -> out.writeNumber(n);
      case Raw raw -> out.writeRawValue(raw.text());
      case Map<?, ?> map -> {
        out.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.writeFieldName(String.valueOf(entry.getKey()));
          write(out, entry.getValue(), depth + 1);
        }
        out.writeEndObject();
      }
      case Iterable<?> items -> {
        out.writeStartArray();
        for (Object item : items) {
          write(out, item, depth + 1);
        }
        out.writeEndArray();
      }
      default ->
          throw new JsonException("cannot write a " + value.getClass().getName() + " as JSON");
    }
  }

  private static void writeDouble(JsonGenerator out, double value) throws IOException {
    if (Double.isFinite(value)) {
      out.writeNumber(value);
    } else {
      // JSON has no word for it; the python contract maps NaN and Infinity to null as well.
      out.writeNull();
    }
  }
}
