package io.noetl.catalog;

import io.noetl.playbook.Diagnostic;
import java.util.List;

/** What became of a registration. */
public sealed interface Registration {

  /** Stored. */
  record Registered(CatalogEntry entry, List<Diagnostic> warnings) implements Registration {
    public Registered {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Refused; nothing was stored.
   *
   * @param httpStatus 400, 413 or 422
   */
  record Refused(int httpStatus, List<Diagnostic> errors) implements Registration {
    public Refused {
      errors = List.copyOf(errors);
    }
  }
}
