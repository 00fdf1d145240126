package io.noetl.wasm;

import java.util.Optional;

/** The sections of a core module, in the order in which they must appear. */
enum ModuleSection {
  TYPE(1),
  IMPORT(2),
  FUNCTION(3),
  TABLE(4),
  MEMORY(5),
  GLOBAL(6),
  EXPORT(7),
  START(8),
  ELEMENT(9),
  DATA_COUNT(12),
  CODE(10),
  DATA(11);

  /** May appear anywhere, any number of times. */
  static final int CUSTOM = 0;

  private final int id;

  ModuleSection(int id) {
    this.id = id;
  }

  /** The number in the format. */
  int id() {
    return id;
  }

  /** The name in faults. */
  String label() {
    return switch (this) {
      case TYPE -> "type";
      case IMPORT -> "import";
      case FUNCTION -> "function";
      case TABLE -> "table";
      case MEMORY -> "memory";
      case GLOBAL -> "global";
      case EXPORT -> "export";
      case START -> "start";
      case ELEMENT -> "element";
      case DATA_COUNT -> "data count";
      case CODE -> "code";
      case DATA -> "data";
    };
  }

  static Optional<ModuleSection> of(int id) {
    for (ModuleSection section : values()) {
      if (section.id == id) {
        return Optional.of(section);
      }
    }
    return Optional.empty();
  }
}
