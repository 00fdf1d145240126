package io.noetl.playbook.template;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the words that template texts use, so that callers can tell which names they may read. */
final class Words {
  private static final int MAX_DEPTH = 500;

  private final Set<String> words = new LinkedHashSet<>();

  private Words() {}

  static Set<String> of(@Nullable Object value) {
    Words found = new Words();
    found.add(value, 0);
    return found.words;
  }

  static Set<String> ofExpression(String expression) {
    Words found = new Words();
    found.addWords(expression);
    return found.words;
  }

  private void add(@Nullable Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new TemplateException(
          "Expected values to be nested at most " + MAX_DEPTH + " deep, but they are not");
    }
    switch (value) {
      case String text -> addText(text);
      case LazyText lazy -> addText(lazy.text());
      case List<?> list -> list.forEach(item -> add(item, depth + 1));
      case Map<?, ?> map ->
          map.forEach(
              (key, item) -> {
                add(key, depth + 1);
                add(item, depth + 1);
              });
      case null, default -> {}
    }
  }

  private void addText(String text) {
    if (!Lexer.isTemplate(text)) {
      return;
    }
    try {
      for (Lexer.Piece piece : Lexer.pieces(text)) {
        if (piece.kind() != Lexer.Kind.TEXT) {
          addWords(piece.content());
        }
      }
    } catch (SyntaxFault e) {
      addWords(text); // it cannot be rendered either; too many words do no harm
    }
  }

  private void addWords(String text) {
    int at = 0;
    while (at < text.length()) {
      if (!Character.isJavaIdentifierStart(text.charAt(at))) {
        at++;
        continue;
      }
      int end = at + 1;
      while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
        end++;
      }
      words.add(text.substring(at, end));
      at = end;
    }
  }
}
