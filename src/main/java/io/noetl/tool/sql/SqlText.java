package io.noetl.tool.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads SQL text as far as needed to tell code from literals, quoted names and comments. Knows
 * doubled quotes, {@code E'...'} with backslashes, dollar quotes, line comments and nested block
 * comments. Stateless.
 */
public final class SqlText {
  private SqlText() {}

  /**
   * The statements of the text, cut at semicolons that are code. Fragments without code are left
   * out.
   */
  public static List<String> statements(String text) {
    List<String> statements = new ArrayList<>();
    int from = 0;
    boolean code = false;
    int at = 0;
    while (at < text.length()) {
      int next = skip(text, at);
      if (next > at) {
        code |= !comment(text, at);
        at = next;
        continue;
      }
      char c = text.charAt(at);
      if (c == ';') {
        if (code) {
          statements.add(text.substring(from, at).strip());
        }
        from = at + 1;
        code = false;
      } else {
        code |= !Character.isWhitespace(c);
      }
      at++;
    }
    if (code) {
      statements.add(text.substring(from).strip());
    }
    return statements;
  }

  /** The first words of a statement in upper case, at most {@code most}, without quoted ones. */
  public static List<String> words(String statement, int most) {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (at < statement.length() && words.size() < most) {
      int next = skip(statement, at);
      if (next > at) {
        at = next;
      } else if (nameStart(statement.charAt(at))) {
        int end = nameEnd(statement, at);
        words.add(statement.substring(at, end).toUpperCase(Locale.ROOT));
        at = end;
      } else {
        at++;
      }
    }
    return words;
  }

  /**
   * Where the literal, quoted name or comment ends that begins at an index; the index itself when
   * none begins there. One that is not closed reaches to the end of the text.
   */
  static int skip(String text, int at) {
    return switch (text.charAt(at)) {
      case '\'' -> quoted(text, at, '\'', escapes(text, at));
      case '"' -> quoted(text, at, '"', false);
      case '$' -> dollar(text, at);
      case '-' -> comment(text, at) ? lineEnd(text, at) : at;
      case '/' -> comment(text, at) ? block(text, at) : at;
      default -> at;
    };
  }

  static boolean nameStart(char c) {
    return Character.isLetter(c) || c == '_';
  }

  /** Index after the name that begins at an index. */
  static int nameEnd(String text, int at) {
    int end = at;
    while (end < text.length() && namePart(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean namePart(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  private static boolean comment(String text, int at) {
    return text.startsWith("--", at) || text.startsWith("/*", at);
  }

  private static int lineEnd(String text, int at) {
    int end = text.indexOf('\n', at);
    return end < 0 ? text.length() : end + 1;
  }

  private static int block(String text, int from) {
    int depth = 1;
    int at = from + 2;
    while (at < text.length() && depth > 0) {
      if (text.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (text.startsWith("*/", at)) {
        depth--;
        at += 2;
      } else {
        at++;
      }
    }
    return at;
  }

  private static int quoted(String text, int from, char quote, boolean backslashes) {
    int at = from + 1;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\\' && backslashes) {
        at += 2;
      } else if (c != quote) {
        at++;
      } else if (at + 1 < text.length() && text.charAt(at + 1) == quote) {
        at += 2;
      } else {
        return at + 1;
      }
    }
    return text.length();
  }

  /** Whether the quote belongs to {@code E'...'}. */
  private static boolean escapes(String text, int quote) {
    if (quote == 0 || (text.charAt(quote - 1) != 'e' && text.charAt(quote - 1) != 'E')) {
      return false;
    }
    return quote == 1 || !namePart(text.charAt(quote - 2));
  }

  private static int dollar(String text, int at) {
    if (at > 0 && (namePart(text.charAt(at - 1)) || text.charAt(at - 1) == '$')) {
      return at;
    }
    int end = at + 1;
    if (end < text.length() && nameStart(text.charAt(end))) {
      end = nameEnd(text, end);
    }
    if (end >= text.length() || text.charAt(end) != '$') {
      return at;
    }
    String tag = text.substring(at, end + 1);
    int close = text.indexOf(tag, end + 1);
    return close < 0 ? text.length() : close + tag.length();
  }
}
