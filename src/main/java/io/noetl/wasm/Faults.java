package io.noetl.wasm;

import io.noetl.wasm.PluginInspection.Fault;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the faults of one module. A report is for a person: beyond {@value #MOST} it only
 * counts, so that a module made of faults costs no memory. One thread.
 */
final class Faults {
  static final int MOST = 50;

  private final List<Fault> first = new ArrayList<>();
  private int further;

  void add(ModuleSection section, int offset, String message) {
    add(section.label(), offset, message);
  }

  void add(String section, int offset, String message) {
    if (first.size() < MOST) {
      first.add(new Fault(section, offset, message));
    } else {
      further++;
    }
  }

  List<Fault> list() {
    List<Fault> list = new ArrayList<>(first);
    if (further > 0) {
      list.add(new Fault("module", 0, further + " further faults"));
    }
    return list;
  }
}
