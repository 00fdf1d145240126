package io.noetl.wasm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Compares what a module imports with what its tenant is granted. Pure. */
final class ImportCheck {
  private ImportCheck() {}

  /**
   * @param offered the capabilities this installation has
   * @return why the module may not run, naming every offending import; empty when it may
   */
  static Optional<String> problem(
      String path, Set<AbiFunction> imports, PluginGrants grants, Set<String> offered) {
    Set<String> granted = new TreeSet<>(grants.capabilities());
    List<String> denied = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (AbiFunction function : imports) {
      if (!function.capability()) {
        continue;
      }
      String name = AbiFunction.MODULE + "." + function.wireName();
      if (!granted.contains(function.wireName())) {
        denied.add(name);
      } else if (!offered.contains(function.wireName())) {
        missing.add(name);
      }
    }
    if (!denied.isEmpty()) {
      return Optional.of(
          "plug-in "
              + path
              + " imports "
              + String.join(", ", denied)
              + ", which tenant "
              + grants.tenant()
              + " is not granted (granted: "
              + listed(granted)
              + ")");
    }
    if (!missing.isEmpty()) {
      return Optional.of(
          "plug-in "
              + path
              + " imports "
              + String.join(", ", missing)
              + ", which this installation does not offer (offered: "
              + listed(new TreeSet<>(offered))
              + ")");
    }
    return Optional.empty();
  }

  private static String listed(Set<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }
}
