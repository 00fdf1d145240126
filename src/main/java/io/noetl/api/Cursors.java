package io.noetl.api;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Opaque positions in lists. */
final class Cursors {
  private static final String OFFSET = "o:";
  private static final String BEFORE = "b:";

  private Cursors() {}

  /** A position counted in rows. */
  record Offset(int value) {}

  static String of(int offset) {
    return encoded(OFFSET + offset);
  }

  static String before(long id) {
    return encoded(BEFORE + id);
  }

  static @Nullable Offset offset(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    long value = decoded(cursor, OFFSET);
    if (value > Integer.MAX_VALUE) {
      throw bad(cursor);
    }
    return new Offset((int) value);
  }

  static @Nullable Long before(@Nullable String cursor) {
    return cursor == null ? null : (Long) decoded(cursor, BEFORE);
  }

  /** The reply with the cursor in the header, where array replies have their only room for it. */
  static Reply header(Reply reply, @Nullable Object cursor) {
    return cursor == null ? reply : reply.withHeader("X-Next-Cursor", cursor.toString());
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static long decoded(String cursor, String prefix) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
      if (text.startsWith(prefix)) {
        long value = Long.parseLong(text.substring(prefix.length()));
        if (value >= 0) {
          return value;
        }
      }
    } catch (IllegalArgumentException e) {
      throw bad(cursor);
    }
    throw bad(cursor);
  }

  private static Problem.Refusal bad(String cursor) {
    return Problems.badCursor("Expected a cursor from an earlier reply, but got '" + cursor + "'")
        .refusal();
  }
}
