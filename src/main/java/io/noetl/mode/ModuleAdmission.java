package io.noetl.mode;

import io.noetl.catalog.ModuleInspector;
import io.noetl.wasm.HostCapabilities;
import io.noetl.wasm.PluginCompiler;
import io.noetl.wasm.PluginInspection;
import io.noetl.wasm.PluginInspector;
import io.noetl.wasm.PluginLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The plug-in host's admission, as the catalog asks it. */
record ModuleAdmission(PluginLimits limits, PluginCompiler compiler) implements ModuleInspector {
  private static final String ABI = "noetl.v1";

  @Override
  public Inspection inspect(byte[] module, Map<String, @Nullable Object> manifest) {
    PluginInspection found = new PluginInspector(limits).inspect(module);
    List<Fault> faults = new ArrayList<>();
    found
        .faults()
        .forEach(
            fault ->
                faults.add(new Fault(fault.section() + "@" + fault.offset(), fault.message())));
    compiler.problem(module, limits).ifPresent(why -> faults.add(new Fault("module", why)));
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
        faults);
  }
}
