package io.noetl.catalog;

import io.noetl.catalog.ModuleInspector.Inspection;

/** What became of the registration of a plug-in module. */
public sealed interface ModuleRegistration {

  /**
   * Stored, or found: the same module on the same path is the same version.
   *
   * @param size of the module in bytes
   */
  record Registered(CatalogEntry entry, Inspection inspection, int size)
      implements ModuleRegistration {}

  /** Refused; nothing was stored. */
  record Refused(Inspection inspection) implements ModuleRegistration {}
}
