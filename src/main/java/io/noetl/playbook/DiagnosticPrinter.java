package io.noetl.playbook;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes diagnostics for people at a terminal: the fault, the line it is in with a mark under the
 * place, and what would be right.
 *
 * <pre>
 * hello.yaml:7:26: error: Step 'start' references unknown step 'shuot' in next.arcs
 *   7 |     next: {arcs: [{step: shuot}]}
 *     |                          ^
 *     = did you mean 'shout'?
 * </pre>
 *
 * <p>Confined to one thread. Plain text without colours; control characters of the source become
 * blanks, and of a long line only the part around the place is shown.
 */
public final class DiagnosticPrinter {
  private static final int WIDTH = 120;
  private static final int BEFORE = 60;

  private final String file;
  private final List<String> lines;

  /**
   * @param file name to show, for example the path that the user typed
   * @param text the YAML text that the diagnostics speak of
   */
  public DiagnosticPrinter(String file, String text) {
    this.file = file;
    String shown = text.startsWith("\uFEFF") ? text.substring(1) : text;
    this.lines = new ArrayList<>(shown.lines().toList());
  }

  /** Every diagnostic in turn, each ended by a line break. */
  public String print(List<Diagnostic> diagnostics) {
    StringBuilder out = new StringBuilder();
    for (Diagnostic diagnostic : diagnostics) {
      out.append(print(diagnostic));
    }
    return out.toString();
  }

  /** One diagnostic in one to four lines, each ended by {@code \n}. */
  public String print(Diagnostic diagnostic) {
    StringBuilder out = new StringBuilder();
    out.append(file)
        .append(':')
        .append(diagnostic.line())
        .append(':')
        .append(diagnostic.column())
        .append(": ")
        .append(diagnostic.severity().word())
        .append(": ")
        .append(diagnostic.message())
        .append('\n');
    String number = Integer.toString(diagnostic.line());
    String margin = " ".repeat(number.length() + 3);
    if (diagnostic.line() <= lines.size()) {
      appendSource(out, diagnostic, number, margin);
    }
    if (diagnostic.hint() != null) {
      out.append(margin).append("= ").append(diagnostic.hint()).append('\n');
    }
    return out.toString();
  }

  private void appendSource(
      StringBuilder out, Diagnostic diagnostic, String number, String margin) {
    int[] characters = lines.get(diagnostic.line() - 1).codePoints().toArray();
    int at = Math.min(diagnostic.column() - 1, characters.length);
    int from = at < WIDTH - BEFORE ? 0 : at - BEFORE;
    int to = Math.min(characters.length, from + WIDTH);
    StringBuilder source = new StringBuilder(from > 0 ? "…" : "");
    for (int i = from; i < to; i++) {
      source.appendCodePoint(Character.isISOControl(characters[i]) ? ' ' : characters[i]);
    }
    source.append(to < characters.length ? "…" : "");
    out.append("  ").append(number).append(" | ").append(source).append('\n');
    int indent = at - from + (from > 0 ? 1 : 0);
    out.append(margin).append("| ").append(" ".repeat(indent)).append("^\n");
  }
}
