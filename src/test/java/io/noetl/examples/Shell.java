package io.noetl.examples;

import java.util.ArrayList;
import java.util.List;

/** Splits a command line of a document as a shell would, as far as documents need it. */
final class Shell {
  private Shell() {}

  /** The words of the line; quotes hold a word together, {@code #} begins a comment. */
  static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean open = false;
    char quote = 0;
    for (char c : line.toCharArray()) {
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
        open = true;
      } else if (c == '#' && !open) {
        return words;
      } else if (Character.isWhitespace(c)) {
        if (open) {
          words.add(word.toString());
          word.setLength(0);
          open = false;
        }
      } else {
        word.append(c);
        open = true;
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException("Expected the quote to end, but it does not: " + line);
    }
    if (open) {
      words.add(word.toString());
    }
    return words;
  }
}
