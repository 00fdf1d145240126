package io.noetl.wasm;

import static io.noetl.wasm.ModuleSection.CODE;
import static io.noetl.wasm.ModuleSection.DATA;
import static io.noetl.wasm.ModuleSection.EXPORT;
import static io.noetl.wasm.ModuleSection.FUNCTION;
import static io.noetl.wasm.ModuleSection.GLOBAL;
import static io.noetl.wasm.ModuleSection.IMPORT;
import static io.noetl.wasm.ModuleSection.MEMORY;
import static io.noetl.wasm.ModuleSection.TABLE;
import static io.noetl.wasm.ModuleSection.TYPE;

import io.noetl.wasm.ModuleOutline.RawExport;
import io.noetl.wasm.ModuleOutline.RawImport;
import io.noetl.wasm.ModuleOutline.RawMemory;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Judges the sections that could be read against ABI {@code noetl.v1} and each other. Pure. */
final class ModuleContract {
  /** Exports with a meaning, and the signature each must have. */
  private static final Map<String, String> SIGNATURES =
      Map.of("execute", "(i32) -> i32", "_initialize", "() -> ()", "noetl_min_abi", "() -> i32");

  /** The fuel counter's name belongs to the host. */
  private static final String FUEL = FuelMeter.EXPORT;

  private ModuleContract() {}

  static void judge(ModuleOutline module, PluginLimits limits, Faults faults) {
    if (module.readable(TYPE, IMPORT)) {
      for (RawImport imported : module.rawImports) {
        imported(module, imported, faults);
      }
    }
    if (module.readable(TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT)) {
      exports(module, faults);
    }
    if (module.readable(MEMORY)) {
      memories(module, limits, faults);
    }
    if (module.readable(FUNCTION, CODE) && module.bodies != module.functions) {
      faults.add(
          ModuleSection.CODE,
          0,
          "expected " + module.functions + " function bodies, but got " + module.bodies);
    }
    if (module.readable(DATA) && module.dataCount >= 0 && module.dataCount != module.dataSegments) {
      faults.add(
          ModuleSection.DATA,
          0,
          "expected " + module.dataCount + " segments, but got " + module.dataSegments);
    }
  }

  private static void imported(ModuleOutline module, RawImport imported, Faults faults) {
    String name = imported.module() + "." + imported.name();
    if (imported.kind() != ModuleOutline.FUNCTION) {
      faults.add(
          ModuleSection.IMPORT,
          imported.offset(),
          name + " is a " + ModuleOutline.kind(imported.kind()) + "; only functions may be");
      return;
    }
    Optional<AbiFunction> function =
        imported.module().equals(AbiFunction.MODULE)
            ? AbiFunction.named(imported.name())
            : Optional.empty();
    if (function.isEmpty()) {
      faults.add(ModuleSection.IMPORT, imported.offset(), name + " is not a function of noetl.v1");
      return;
    }
    String signature = module.typeSignature(imported.index());
    if (!signature.equals(function.get().signature())) {
      faults.add(
          ModuleSection.IMPORT,
          imported.offset(),
          "expected " + name + " as " + function.get().signature() + ", but got " + signature);
    }
  }

  private static void exports(ModuleOutline module, Faults faults) {
    Set<String> seen = new HashSet<>();
    for (RawExport export : module.rawExports) {
      if (!seen.add(export.name())) {
        faults.add(ModuleSection.EXPORT, export.offset(), export.name() + " is exported twice");
      }
      if (export.name().equals(FUEL)) {
        faults.add(ModuleSection.EXPORT, export.offset(), FUEL + " is the host's own name");
      }
      String signature = SIGNATURES.get(export.name());
      String found =
          export.kind() == ModuleOutline.FUNCTION
              ? module.functionSignature(export.index())
              : ModuleOutline.kind(export.kind());
      if (signature != null && !signature.equals(found)) {
        faults.add(
            ModuleSection.EXPORT,
            export.offset(),
            "expected " + export.name() + " as " + signature + ", but got " + found);
      }
      if (export.name().equals("memory") && export.kind() != ModuleOutline.MEMORY) {
        faults.add(
            ModuleSection.EXPORT,
            export.offset(),
            "expected memory as the memory, but got " + found);
      }
      index(module, export, faults);
      if (export.name().equals("noetl_min_abi")
          && String.valueOf(signature).equals(found)
          && module.readable(CODE)) {
        minorAbi(module, export, faults);
      }
    }
    if (!seen.contains("execute")) {
      faults.add(ModuleSection.EXPORT, 0, "expected execute as (i32) -> i32, but it is missing");
    }
    if (!seen.contains("memory")) {
      faults.add(ModuleSection.EXPORT, 0, "expected memory to be exported, but it is not");
    }
  }

  /** Read, not run: nothing of a guest runs at admission. */
  private static void minorAbi(ModuleOutline module, RawExport export, Faults faults) {
    Integer wanted = module.constants.get(export.index());
    if (wanted == null) {
      faults.add(
          ModuleSection.EXPORT,
          export.offset(),
          "expected noetl_min_abi to be nothing but a constant number");
    } else if (wanted > AbiFunction.MINOR) {
      faults.add(
          ModuleSection.EXPORT,
          export.offset(),
          "expected at most noetl.v1 minor "
              + AbiFunction.MINOR
              + ", but the module wants "
              + wanted);
    }
  }

  private static void index(ModuleOutline module, RawExport export, Faults faults) {
    int count =
        switch (export.kind()) {
          case ModuleOutline.FUNCTION -> module.functionTypes.size();
          case ModuleOutline.TABLE -> module.tables;
          case ModuleOutline.MEMORY -> module.memories.size();
          default -> module.globals.size();
        };
    if (export.index() >= count) {
      faults.add(
          ModuleSection.EXPORT,
          export.offset(),
          export.name()
              + " refers to "
              + ModuleOutline.kind(export.kind())
              + " "
              + export.index()
              + " of "
              + count);
    } else if (export.kind() == ModuleOutline.GLOBAL && module.globals.get(export.index())) {
      faults.add(
          ModuleSection.EXPORT, export.offset(), export.name() + " exports a mutable global");
    }
  }

  private static void memories(ModuleOutline module, PluginLimits limits, Faults faults) {
    if (module.memories.size() != 1) {
      faults.add(
          ModuleSection.MEMORY,
          0,
          "expected exactly one memory, but got " + module.memories.size());
    }
    for (RawMemory memory : module.memories) {
      if (memory.initial() > limits.module().memoryPages()) {
        faults.add(
            ModuleSection.MEMORY,
            memory.offset(),
            "expected an initial memory of at most "
                + limits.module().memoryPages()
                + " pages (plugin.memory-pages), but got "
                + memory.initial());
      }
      if (memory.maximum() >= 0 && memory.maximum() < memory.initial()) {
        faults.add(
            ModuleSection.MEMORY, memory.offset(), "the maximum is below the initial memory");
      }
    }
  }
}
