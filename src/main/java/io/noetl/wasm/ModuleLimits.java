package io.noetl.wasm;

/**
 * What admission lets a module be, with the name of each setting. Immutable.
 *
 * @param bytes {@code plugin.module-bytes}: size of a module, 1 to 64 MiB
 * @param customBytes {@code plugin.custom-bytes}: all custom sections together
 * @param functions {@code plugin.functions}: functions of a module
 * @param functionBytes {@code plugin.function-bytes}: bytes of one function body
 * @param locals {@code plugin.locals}: locals of one function, its parameters not counted
 * @param nesting {@code plugin.nesting}: blocks inside each other
 * @param branchTable {@code plugin.branch-table}: entries of one {@code br_table}
 * @param types {@code plugin.types}: entries of the type section
 * @param tableElements {@code plugin.table-elements}: elements of the table, also after growing
 * @param memoryPages {@code plugin.memory-pages}: linear memory in pages of 64 KiB, 1 to 16384
 */
public record ModuleLimits(
    int bytes,
    int customBytes,
    int functions,
    int functionBytes,
    int locals,
    int nesting,
    int branchTable,
    int types,
    int tableElements,
    int memoryPages) {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  /** More pages could make a pointer negative as an {@code int}. */
  private static final int MOST_PAGES = 16_384;

  /** What holds when nothing is set. */
  public static final ModuleLimits DEFAULT =
      new ModuleLimits(4 * MIB, 1 * MIB, 20_000, 128 * KIB, 2_000, 256, 4_096, 2_000, 10_000, 256);

  public ModuleLimits {
    PluginLimits.between("plugin.module-bytes", bytes, 1, 64 * MIB);
    PluginLimits.between("plugin.custom-bytes", customBytes, 0, 64 * MIB);
    PluginLimits.between("plugin.functions", functions, 1, 1_000_000);
    PluginLimits.between("plugin.function-bytes", functionBytes, 1, 64 * MIB);
    PluginLimits.between("plugin.locals", locals, 0, 49_000);
    PluginLimits.between("plugin.nesting", nesting, 1, 2_000);
    PluginLimits.between("plugin.branch-table", branchTable, 0, 1_000_000);
    PluginLimits.between("plugin.types", types, 1, 1_000_000);
    PluginLimits.between("plugin.table-elements", tableElements, 0, 10_000_000);
    PluginLimits.between("plugin.memory-pages", memoryPages, 1, MOST_PAGES);
  }

  /** These limits with another memory limit, in pages of 64 KiB. */
  public ModuleLimits withMemoryPages(int value) {
    return new ModuleLimits(
        bytes,
        customBytes,
        functions,
        functionBytes,
        locals,
        nesting,
        branchTable,
        types,
        tableElements,
        value);
  }
}
