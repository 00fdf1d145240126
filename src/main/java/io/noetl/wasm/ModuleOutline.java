package io.noetl.wasm;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the sections of one module declared, collected while they are read. One thread. */
final class ModuleOutline {
  /** Kinds of imports and exports, with their numbers in the format. */
  static final int FUNCTION = 0;

  static final int TABLE = 1;
  static final int MEMORY = 2;
  static final int GLOBAL = 3;

  /**
   * @param parameters value types as in {@link #signature()}
   */
  record Type(List<String> parameters, List<String> results) {
    String signature() {
      return "("
          + String.join(", ", parameters)
          + ") -> "
          + (results.isEmpty() ? "()" : String.join(", ", results));
    }
  }

  /**
   * @param index type index of a function
   */
  record RawImport(int offset, String module, String name, int kind, int index) {}

  record RawExport(int offset, String name, int kind, int index) {}

  /**
   * @param maximum -1 when none is declared
   */
  record RawMemory(int offset, long initial, long maximum) {}

  /**
   * @param start of the section's number
   * @param content what follows its length
   */
  record RawSection(ModuleSection id, int start, int content, int end) {}

  /** A custom section, its number and length included. */
  record RawCustom(int start, int end) {}

  /**
   * @param index of the function, imported ones first
   * @param start of the locals
   * @param instructions of the first instruction
   * @param locals parameters and declared locals
   */
  record RawBody(int index, int start, int instructions, int end, long locals, FuelPlan plan) {}

  final List<RawSection> sections = new ArrayList<>();
  final List<RawCustom> customSections = new ArrayList<>();
  final List<Type> types = new ArrayList<>();
  final List<RawImport> rawImports = new ArrayList<>();

  /** Type index of each function of the joint index space: imported ones first. */
  final List<Integer> functionTypes = new ArrayList<>();

  /** Functions of the module's own. */
  int functions;

  final List<RawMemory> memories = new ArrayList<>();

  /** Whether each global is mutable. */
  final List<Boolean> globals = new ArrayList<>();

  final List<RawExport> rawExports = new ArrayList<>();
  int tables;
  int elementSegments;
  int bodies;

  /** Bodies that could be read; all of them in an admitted module. */
  final List<RawBody> rawBodies = new ArrayList<>();

  /** Index of each function that does nothing but return a number, with the number. */
  final Map<Integer, Integer> constants = new HashMap<>();

  long dataCount = -1;
  int dataSegments;

  /** Sections that could not be read to their end. */
  final Set<ModuleSection> broken = EnumSet.noneOf(ModuleSection.class);

  /** Whether all of these sections could be read, so that they can be judged together. */
  boolean readable(ModuleSection... sections) {
    for (ModuleSection section : sections) {
      if (broken.contains(section)) {
        return false;
      }
    }
    return true;
  }

  String functionSignature(int index) {
    return index < functionTypes.size()
        ? typeSignature(functionTypes.get(index))
        : "unknown function";
  }

  String typeSignature(int type) {
    return type < types.size() ? types.get(type).signature() : "unknown type";
  }

  int memoryPages() {
    return memories.isEmpty() ? 0 : (int) Math.min(Integer.MAX_VALUE, memories.get(0).initial());
  }

  List<PluginInspection.Import> imports() {
    List<PluginInspection.Import> list = new ArrayList<>();
    for (RawImport raw : rawImports) {
      String signature = raw.kind() == FUNCTION ? typeSignature(raw.index()) : kind(raw.kind());
      list.add(new PluginInspection.Import(raw.module(), raw.name(), signature));
    }
    return list;
  }

  List<PluginInspection.Export> exports() {
    List<PluginInspection.Export> list = new ArrayList<>();
    for (RawExport raw : rawExports) {
      String signature = raw.kind() == FUNCTION ? functionSignature(raw.index()) : kind(raw.kind());
      list.add(new PluginInspection.Export(raw.name(), signature));
    }
    return list;
  }

  static String kind(int number) {
    return switch (number) {
      case FUNCTION -> "function";
      case TABLE -> "table";
      case MEMORY -> "memory";
      case GLOBAL -> "global";
      default -> "kind " + number;
    };
  }
}
