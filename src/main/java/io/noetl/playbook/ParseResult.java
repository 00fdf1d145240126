package io.noetl.playbook;

import java.util.List;

/** What became of a playbook text. */
public sealed interface ParseResult {
  List<Diagnostic> warnings();

  /**
   * The document is valid.
   *
   * @param text the decoded text, to be stored unchanged
   */
  record Valid(Playbook playbook, List<Diagnostic> warnings, String text) implements ParseResult {
    public Valid {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * What is to be said about a document of any kind.
   *
   * @param errors none when it may be registered
   */
  record Checked(List<Diagnostic> errors, List<Diagnostic> warnings) {
    public Checked {
      errors = List.copyOf(errors);
      warnings = List.copyOf(warnings);
    }
  }

  /** The document is refused for all of {@code errors}, which are in document order. */
  record Invalid(List<Diagnostic> errors, List<Diagnostic> warnings) implements ParseResult {
    public Invalid {
      errors = List.copyOf(errors);
      warnings = List.copyOf(warnings);
      if (errors.isEmpty()) {
        throw new IllegalArgumentException("Expected at least one error, but got none");
      }
    }

    /** The answer to the register call: 413, else 400, else 422, whichever some error asks for. */
    public int httpStatus() {
      for (int status : new int[] {Diagnostics.TOO_LARGE, Diagnostics.BAD_REQUEST}) {
        if (errors.stream().anyMatch(error -> error.httpStatus() == status)) {
          return status;
        }
      }
      return Diagnostics.INVALID;
    }
  }
}
