package io.noetl.playbook.template;

import com.hubspot.jinjava.el.ext.ExtendedScanner;
import java.util.Map;
import jinjava.de.odysseus.el.tree.impl.Scanner;
import org.jspecify.annotations.Nullable;

/**
 * The token scanner of the expression library with the words and the string escapes of this
 * language: the library's own further keywords ({@code empty}, {@code eq}, {@code div} and so on)
 * are names here.
 */
final class ExpressionScanner extends ExtendedScanner {
  static final Token IF = new ExtensionToken("if");
  static final Token ELSE = new ExtensionToken("else");
  static final Token IN = new ExtensionToken("in");
  static final Token IS = new ExtensionToken("is");

  private static final Map<String, Token> WORDS =
      Map.ofEntries(
          Map.entry("if", IF),
          Map.entry("else", ELSE),
          Map.entry("in", IN),
          Map.entry("is", IS),
          Map.entry("and", new Token(Symbol.AND, "and")),
          Map.entry("or", new Token(Symbol.OR, "or")),
          Map.entry("not", new Token(Symbol.NOT, "not")),
          Map.entry("true", new Token(Symbol.TRUE, "true")),
          Map.entry("True", new Token(Symbol.TRUE, "True")),
          Map.entry("false", new Token(Symbol.FALSE, "false")),
          Map.entry("False", new Token(Symbol.FALSE, "False")),
          Map.entry("none", new Token(Symbol.NULL, "none")),
          Map.entry("None", new Token(Symbol.NULL, "None")));

  ExpressionScanner(String input) {
    super(input);
  }

  @Override
  protected @Nullable Token keyword(String word) {
    return WORDS.get(word);
  }

  @Override
  protected Token nextEval() throws ScanException {
    // The library would read "+1" as an operator of its own, also in the middle of "a +1".
    return getInput().charAt(getPosition()) == '+' ? fixed(Symbol.PLUS) : super.nextEval();
  }

  @Override
  protected Token nextString() throws ScanException {
    String input = getInput();
    int start = getPosition();
    char quote = input.charAt(start);
    StringBuilder text = new StringBuilder();
    int i = start + 1;
    while (i < input.length()) {
      char c = input.charAt(i++);
      if (c == quote) {
        return token(Scanner.Symbol.STRING, text.toString(), i - start);
      }
      if (c != '\\' || i == input.length()) {
        text.append(c);
        continue;
      }
      i = escape(input, i, text);
    }
    throw new ScanException(start, "the end of a text", String.valueOf(quote));
  }

  /** Appends what the escape after a backslash means; an unknown one stays as written. */
  private static int escape(String input, int at, StringBuilder text) {
    char c = input.charAt(at);
    switch (c) {
      case 'n' -> text.append('\n');
      case 't' -> text.append('\t');
      case 'r' -> text.append('\r');
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case '\\', '\'', '"' -> text.append(c);
      case '\n' -> {}
      case 'x' -> {
        return code(input, at, 2, text);
      }
      case 'u' -> {
        return code(input, at, 4, text);
      }
      default -> text.append('\\').append(c);
    }
    return at + 1;
  }

  private static int code(String input, int at, int digits, StringBuilder text) {
    int end = at + 1 + digits;
    int code = 0;
    for (int i = at + 1; i < end; i++) {
      int digit = i < input.length() ? Character.digit(input.charAt(i), 16) : -1;
      if (digit < 0) {
        text.append('\\').append(input.charAt(at));
        return at + 1;
      }
      code = code * 16 + digit;
    }
    text.append((char) code);
    return end;
  }
}
