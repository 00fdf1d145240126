package io.noetl.playbook.template;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text into literal text, <code>{{ .. }}</code> and <code>{% .. %}</code>, in one pass. The
 * library's own scanner is not used for this: it ends an expression at the first two closing braces
 * even inside nested map literals, and needs the library's whole configuration (an object mapper, a
 * tenth of a second of start-up) to run.
 */
final class Lexer {
  /** What a piece is. */
  enum Kind {
    TEXT,
    EXPRESSION,
    TAG
  }

  /**
   * A piece of a text.
   *
   * @param content the literal text with its trimming done, or what stands between the delimiters
   * @param offset where the content begins in the whole text
   */
  record Piece(Kind kind, String content, int offset) {
    /** The first word of a tag. */
    String tagName() {
      int end = 0;
      while (end < content.length() && Character.isJavaIdentifierPart(content.charAt(end))) {
        end++;
      }
      return content.substring(0, end);
    }

    boolean isTag(String name) {
      return kind == Kind.TAG && tagName().equals(name);
    }
  }

  private final String text;
  private final List<Piece> pieces = new ArrayList<>();
  private boolean trimNext;

  private Lexer(String text) {
    this.text = text;
  }

  static List<Piece> pieces(String text) throws SyntaxFault {
    Lexer lexer = new Lexer(text);
    lexer.scan();
    return lexer.pieces;
  }

  /** Whether a text holds a complete pair of delimiters. */
  static boolean isTemplate(String text) {
    int expression = text.indexOf("{{");
    if (expression >= 0 && text.indexOf("}}", expression + 2) >= 0) {
      return true;
    }
    int tag = text.indexOf("{%");
    return tag >= 0 && text.indexOf("%}", tag + 2) >= 0;
  }

  /** Whether a text is, trimmed, exactly one expression in delimiters. */
  static boolean isSingleExpression(String text) {
    String trimmed = text.strip();
    return trimmed.startsWith("{{") && closing(trimmed, 2, '}') == trimmed.length() - 2;
  }

  private void scan() throws SyntaxFault {
    int from = 0;
    int at = 0;
    while ((at = text.indexOf('{', at)) >= 0 && at + 1 < text.length()) {
      char second = text.charAt(at + 1);
      if (second != '{' && second != '%' && second != '#') {
        at++;
        continue;
      }
      int end =
          second == '#'
              ? text.indexOf("#}", at + 2)
              : closing(text, at + 2, second == '{' ? '}' : '%');
      if (end < 0) {
        throw new SyntaxFault(
            at,
            "expected '{"
                + second
                + "' to be closed by '"
                + (second == '{' ? "}}" : second + "}")
                + "', but it is not");
      }
      literal(from, at, sign(at + 2, end) == '-');
      from = block(second, at + 2, end);
      at = from;
    }
    literal(from, text.length(), false);
  }

  private char sign(int start, int end) {
    char c = start < end ? text.charAt(start) : 0;
    return c == '-' || c == '+' ? c : 0;
  }

  /** Adds the block between its delimiters, and says where the text after it begins. */
  private int block(char second, int open, int end) throws SyntaxFault {
    int start = sign(open, end) == 0 ? open : open + 1;
    boolean trim = end > start && text.charAt(end - 1) == '-';
    // A plus at the end belongs to an expression, but means "do not trim" in a tag.
    boolean plus = second == '%' && end > start && text.charAt(end - 1) == '+';
    int stop = trim || plus ? end - 1 : end;
    trimNext = trim;
    if (second == '#') {
      return end + 2;
    }
    while (start < stop && Character.isWhitespace(text.charAt(start))) {
      start++;
    }
    Piece piece =
        new Piece(
            second == '{' ? Kind.EXPRESSION : Kind.TAG,
            text.substring(start, stop).stripTrailing(),
            start);
    if (piece.isTag("raw")) {
      return raw(end + 2, open - 2);
    }
    pieces.add(piece);
    return end + 2;
  }

  /** Adds the text up to the end of a raw block as it is. */
  private int raw(int start, int tag) throws SyntaxFault {
    int at = start;
    while ((at = text.indexOf("{%", at)) >= 0) {
      int end = text.indexOf("%}", at);
      if (end < 0) {
        break;
      }
      boolean left = sign(at + 2, end) == '-';
      boolean right = text.charAt(end - 1) == '-';
      String inner =
          text.substring(
              sign(at + 2, end) == 0 ? at + 2 : at + 3, Math.max(at + 2, right ? end - 1 : end));
      if (inner.strip().equals("endraw")) {
        literal(start, at, left);
        trimNext = right;
        return end + 2;
      }
      at += 2;
    }
    throw new SyntaxFault(tag, "expected 'raw' to be closed by 'endraw', but it is not");
  }

  private void literal(int start, int end, boolean trimEnd) {
    int from = start;
    int to = end;
    while (trimNext && from < to && Character.isWhitespace(text.charAt(from))) {
      from++;
    }
    while (trimEnd && to > from && Character.isWhitespace(text.charAt(to - 1))) {
      to--;
    }
    trimNext = false;
    if (from < to) {
      pieces.add(new Piece(Kind.TEXT, text.substring(from, to), from));
    }
  }

  /**
   * Where the two closing characters stand that end a block, -1 when there are none. Delimiters in
   * quotes do not count, nor the closing braces of map literals.
   */
  private static int closing(String text, int start, char first) {
    int braces = 0;
    char quote = 0;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '{') {
        braces++;
      } else if (c == first
          && i + 1 < text.length()
          && text.charAt(i + 1) == '}'
          && (first == '%' || braces == 0)) {
        return i;
      } else if (c == '}' && braces > 0) {
        braces--;
      }
    }
    return -1;
  }
}
