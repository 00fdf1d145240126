package io.noetl.playbook;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Says in the author's words what the scanner could not read. */
final class YamlFaults {
  private YamlFaults() {}

  static void report(YamlEngineException fault, String text, Diagnostics diagnostics) {
    int line = 1;
    int column = 1;
    String detail;
    switch (fault) {
      case MarkedYamlEngineException marked -> {
        detail = detail(marked);
        // An unclosed quote or bracket is found at the end of the text, but made where it opens.
        boolean unclosed = detail.contains("unexpected end of stream");
        Optional<Mark> mark =
            unclosed && marked.getContextMark().isPresent()
                ? marked.getContextMark()
                : marked.getProblemMark().or(marked::getContextMark);
        if (mark.isPresent()) {
          line = mark.get().getLine() + 1;
          column = mark.get().getColumn() + 1;
        }
      }
      case ReaderException unreadable -> {
        int at = Math.clamp(unreadable.getPosition(), 0, text.codePointCount(0, text.length()));
        String before = text.substring(0, text.offsetByCodePoints(0, at));
        line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        column = before.length() - before.lastIndexOf('\n');
        detail = String.format("the character U+%04X is not allowed", unreadable.getCodePoint());
      }
      default -> {
        String message = fault.getMessage();
        detail = message == null ? "unreadable text" : message;
      }
    }
    diagnostics.error(
        "yaml.syntax",
        Diagnostics.BAD_REQUEST,
        line,
        column,
        "",
        "Invalid YAML: " + Diagnostics.clip(detail),
        hint(detail, sourceLine(text, line)));
  }

  private static String detail(MarkedYamlEngineException fault) {
    String problem = fault.getProblem();
    String context = fault.getContext();
    if (problem == null) {
      return context == null ? "unreadable text" : context;
    }
    return context == null ? problem : context + ": " + problem;
  }

  private static @Nullable String hint(String detail, String line) {
    String indent = line.substring(0, line.length() - line.stripLeading().length());
    if (indent.contains("\t") || detail.contains("'\\t")) {
      return "indent with spaces; YAML does not allow tabs";
    }
    if (line.contains(": {{") || line.contains("- {{")) {
      return "quote values that start with template text: key: \"{{ ... }}\"";
    }
    if (detail.contains("unexpected end of stream") && detail.contains("quoted")) {
      return "the quote that opens here is never closed";
    }
    if (detail.contains("mapping values are not allowed")) {
      return "quote text that contains ': ', and check the indentation";
    }
    if (detail.contains("expected <block end>") || detail.contains("did not find expected key")) {
      return "check the indentation of this line and the ones above it";
    }
    if (detail.contains("cannot start any token")) {
      return "quote text that starts with a special character such as % @ `";
    }
    return null;
  }

  private static String sourceLine(String text, int line) {
    return text.lines().skip(line - 1L).findFirst().orElse("");
  }
}
