package io.noetl.playbook;

import io.noetl.playbook.Diagnostic.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what is to be said about one document. Confined to one parse. */
final class Diagnostics {
  /** A document that cannot be read at all, or lacks a name that everything hangs on. */
  static final int BAD_REQUEST = 400;

  static final int TOO_LARGE = 413;
  static final int INVALID = 422;
  private static final int OK = 200;

  private static final int CLIP = 120;
  private static final Comparator<Diagnostic> DOCUMENT_ORDER =
      Comparator.comparingInt(Diagnostic::line).thenComparingInt(Diagnostic::column);

  private final int limit;
  private final List<Diagnostic> errors = new ArrayList<>();
  private final List<Diagnostic> warnings = new ArrayList<>();
  private int hiddenErrors;
  private int hiddenWarnings;

  Diagnostics(int limit) {
    this.limit = limit;
  }

  void error(
      String rule, int status, YamlNode at, String path, String message, @Nullable String hint) {
    error(rule, status, at.line(), at.column(), path, message, hint);
  }

  void error(
      String rule,
      int status,
      int line,
      int column,
      String path,
      String message,
      @Nullable String hint) {
    if (errors.size() >= limit) {
      hiddenErrors++;
      return;
    }
    errors.add(new Diagnostic(Severity.ERROR, rule, status, line, column, path, message, hint));
  }

  void warn(String rule, YamlNode at, String path, String message, @Nullable String hint) {
    warn(rule, at.line(), at.column(), path, message, hint);
  }

  void warn(String rule, int line, int column, String path, String message, @Nullable String hint) {
    if (warnings.size() >= limit) {
      hiddenWarnings++;
      return;
    }
    warnings.add(new Diagnostic(Severity.WARNING, rule, OK, line, column, path, message, hint));
  }

  /** Whether further errors are only counted, so that their texts need not be made. */
  boolean errorsAreFull() {
    return errors.size() >= limit;
  }

  /** Whether further warnings are only counted. */
  boolean warningsAreFull() {
    return warnings.size() >= limit;
  }

  boolean hasErrors() {
    return !errors.isEmpty();
  }

  /** All errors in the order of the document. */
  List<Diagnostic> errors() {
    return ordered(errors, hiddenErrors, Severity.ERROR);
  }

  /** All warnings in the order of the document. */
  List<Diagnostic> warnings() {
    return ordered(warnings, hiddenWarnings, Severity.WARNING);
  }

  private List<Diagnostic> ordered(List<Diagnostic> found, int hidden, Severity severity) {
    List<Diagnostic> result = new ArrayList<>(found);
    result.sort(DOCUMENT_ORDER);
    if (hidden > 0) {
      Diagnostic last = result.getLast();
      String message = hidden + " more not shown, because playbook.max-diagnostics is " + limit;
      result.add(
          new Diagnostic(
              severity,
              "diagnostics.more",
              last.httpStatus(),
              last.line(),
              last.column(),
              "",
              message,
              null));
    }
    return List.copyOf(result);
  }

  /** A text of the document as it may stand in a message: one line, of bounded length. */
  static String clip(String text) {
    String line = text.length() > CLIP ? text.substring(0, CLIP) + "…" : text;
    StringBuilder shown = new StringBuilder(line.length());
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      shown.append(Character.isISOControl(c) ? ' ' : c);
    }
    return shown.toString();
  }
}
