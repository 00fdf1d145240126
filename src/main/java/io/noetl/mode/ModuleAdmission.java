package io.noetl.mode;

import io.noetl.catalog.ModuleInspector;
import io.noetl.wasm.HostCapabilities;
import io.noetl.wasm.PluginInspection;
import io.noetl.wasm.PluginInspector;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The plug-in host's admission, as the catalog asks it. */
record ModuleAdmission(PluginInspector inspector) implements ModuleInspector {
  private static final String ABI = "noetl.v1";

  @Override
  public Inspection inspect(byte[] module, Map<String, @Nullable Object> manifest) {
    PluginInspection found = inspector.inspect(module);
    Set<String> notGranted =
        HostCapabilities.all().stream()
            .filter(entry -> !entry.tenantDefault())
            .map(HostCapabilities.Entry::name)
            .collect(Collectors.toSet());
    List<String> missing =
        found.imports().stream()
            .map(PluginInspection.Import::name)
            .filter(notGranted::contains)
            .distinct()
            .sorted()
            .toList();
    return new Inspection(
        found.digest(),
        ABI,
        found.imports().stream().map(PluginInspection.Import::fullName).toList(),
        missing,
        found.faults().stream()
            .map(fault -> new Fault(fault.section() + "@" + fault.offset(), fault.message()))
            .toList());
  }
}
