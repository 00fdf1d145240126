package io.noetl.playbook;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A check of templates for tests of the parser: delimiters close, quotes and brackets inside them
 * balance, and an expression is neither empty nor cut off after an operator.
 */
final class BalancedTemplates implements TemplateCheck {
  private static final Pattern CUT_OFF =
      Pattern.compile("(?s).*(?:[-+*/%~|=<>.,]|\\b(?:and|or|not|in|is|if|else))\\s*$");

  @Override
  public @Nullable String syntaxError(String template) {
    int at = 0;
    while (true) {
      int open = template.indexOf("{{", at);
      if (open < 0) {
        return null;
      }
      int close = end(template, open + 2);
      if (close < 0) {
        return "'{{' is never closed";
      }
      String fault = expression(template.substring(open + 2, close));
      if (fault != null) {
        return fault;
      }
      at = close + 2;
    }
  }

  @Override
  public @Nullable String guardSyntaxError(String guard) {
    boolean bare = !guard.contains("{{") && !guard.contains("{%") && !guard.isBlank();
    return bare ? expression(guard) : syntaxError(guard);
  }

  private static int end(String text, int from) {
    char quote = 0;
    int depth = 0;
    for (int i = from; i < text.length() - 1; i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && depth > 0) {
        depth--;
      } else if (c == '}' && text.charAt(i + 1) == '}') {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable String expression(String text) {
    if (text.isBlank()) {
      return "empty expression";
    }
    Deque<Character> open = new ArrayDeque<>();
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
        continue;
      }
      switch (c) {
        case '\'', '"' -> quote = c;
        case '(' -> open.push(')');
        case '[' -> open.push(']');
        case '{' -> open.push('}');
        case ')', ']', '}' -> {
          if (open.isEmpty() || open.pop() != c) {
            return "unexpected '" + c + "'";
          }
        }
        default -> {}
      }
    }
    if (quote != 0 || !open.isEmpty()) {
      return quote != 0 ? "unclosed quote" : "expected '" + open.peek() + "'";
    }
    return CUT_OFF.matcher(text).matches() ? "expression ends too early" : null;
  }
}
