package io.noetl.catalog;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Admission of plug-in modules, by whoever knows them. Safe for use by many threads. */
public interface ModuleInspector {

  /**
   * @param manifest what the author says about the module; empty when none was sent
   * @return everything that can be said about the module, never an exception for bad bytes
   */
  Inspection inspect(byte[] module, Map<String, @Nullable Object> manifest);

  /**
   * What admission found.
   *
   * @param digest SHA-256 of the bytes, lower-case hexadecimal
   * @param abi the interface that the module is written for
   * @param imports every import by its full name
   * @param grantsMissing imports that the manifest does not ask for
   * @param faults why the module is refused, all of them; empty when it is admitted
   */
  record Inspection(
      String digest,
      String abi,
      List<String> imports,
      List<String> grantsMissing,
      List<Fault> faults) {
    public Inspection {
      imports = List.copyOf(imports);
      grantsMissing = List.copyOf(grantsMissing);
      faults = List.copyOf(faults);
    }

    public boolean admitted() {
      return faults.isEmpty();
    }
  }

  /**
   * One reason for a refusal.
   *
   * @param place section and offset in the module, or a member of the manifest
   */
  record Fault(String place, String message) {}
}
