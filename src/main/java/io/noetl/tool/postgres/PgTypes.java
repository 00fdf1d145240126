package io.noetl.tool.postgres;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.tool.sql.Bytes;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;

/** Makes plain values of the text that the server writes for a type. Stateless. */
final class PgTypes {
  private PgTypes() {}

  /**
   * @param type of the column
   * @param element type of its elements when it is an array, else 0
   * @param text as the server writes it; null = NULL
   */
  static @Nullable Object value(int type, int element, @Nullable String text, Bytes bytes) {
    if (text == null) {
      return null;
    }
    return element == 0 ? scalar(type, text, bytes) : new Elements(element, text, bytes).read();
  }

  private static @Nullable Object scalar(int type, String text, Bytes bytes) {
    return switch (type) {
      case Oid.INT2, Oid.INT4, Oid.INT8 -> Long.valueOf(text);
      case Oid.FLOAT4, Oid.FLOAT8 -> finite(Double.parseDouble(text));
      case Oid.BOOL -> text.equals("t") || text.equals("true");
      case Oid.JSON, Oid.JSONB -> bytes == Bytes.RAW ? new Json.Raw(text) : json(text);
      case Oid.TIMESTAMP -> iso(text);
      case Oid.TIMESTAMPTZ -> utc(text);
      case Oid.BYTEA -> bytes(text, bytes);
      default -> text;
    };
  }

  /** JSON has no word for the others. */
  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static @Nullable Object json(String text) {
    try {
      return Json.parse(text);
    } catch (JsonException e) {
      // Valid for the server, but beyond our reader's limits: the text is still faithful.
      return text;
    }
  }

  /** A blank becomes a T, except in {@code infinity} and years before Christ. */
  private static String iso(String text) {
    return Character.isDigit(text.charAt(0)) && !text.endsWith("BC")
        ? text.replace(' ', 'T')
        : text;
  }

  private static String utc(String text) {
    int blank = text.indexOf(' ');
    int sign = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
    if (blank < 0 || sign < blank) {
      return text;
    }
    try {
      LocalDateTime local = LocalDateTime.parse(text.substring(0, sign).replace(' ', 'T'));
      ZoneOffset offset = ZoneOffset.of(text.substring(sign));
      return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
              local.minusSeconds(offset.getTotalSeconds()))
          + "+00:00";
    } catch (DateTimeException e) {
      return text; // before Christ, or after the year 9999
    }
  }

  private static Object bytes(String text, Bytes as) {
    byte[] bytes = decoded(text);
    return as == Bytes.RAW ? bytes : Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] decoded(String text) {
    if (text.startsWith("\\x")) {
      return HexFormat.of().parseHex(text, 2, text.length());
    }
    // The older form: a backslash before another, or before three octal digits.
    byte[] bytes = new byte[text.length()];
    int size = 0;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '\\') {
        bytes[size++] = (byte) c;
        at++;
      } else if (text.charAt(at + 1) == '\\') {
        bytes[size++] = '\\';
        at += 2;
      } else {
        bytes[size++] = (byte) Integer.parseInt(text.substring(at + 1, at + 4), 8);
        at += 4;
      }
    }
    return java.util.Arrays.copyOf(bytes, size);
  }

  /** Reads the text form of an array, such as {@code {1,NULL,"a b"}}. Used once. */
  private static final class Elements {
    private final int type;
    private final String text;
    private final Bytes bytes;
    private int at;

    Elements(int type, String text, Bytes bytes) {
      this.type = type;
      this.text = text;
      this.bytes = bytes;
    }

    Object read() {
      // Bounds that do not begin at 1 stand before: [0:1]={...}
      at = text.indexOf('{');
      return at < 0 ? text : list();
    }

    private List<@Nullable Object> list() {
      List<@Nullable Object> list = new ArrayList<>();
      at++;
      while (text.charAt(at) != '}') {
        switch (text.charAt(at)) {
          case '{' -> list.add(list());
          case '"' -> list.add(scalar(type, quoted(), bytes));
          case ',', ';' -> at++;
          default -> list.add(plain());
        }
      }
      at++;
      return list;
    }

    private String quoted() {
      StringBuilder value = new StringBuilder();
      at++;
      while (text.charAt(at) != '"') {
        if (text.charAt(at) == '\\') {
          at++;
        }
        value.append(text.charAt(at++));
      }
      at++;
      return value.toString();
    }

    private @Nullable Object plain() {
      int from = at;
      // Boxes contain commas and are separated by semicolons; nothing else is.
      char separator = type == Oid.BOX ? ';' : ',';
      while (text.charAt(at) != separator && text.charAt(at) != '}') {
        at++;
      }
      String value = text.substring(from, at);
      return value.equals("NULL") ? null : scalar(type, value, bytes);
    }
  }
}
