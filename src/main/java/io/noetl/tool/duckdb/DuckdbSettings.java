package io.noetl.tool.duckdb;

import java.nio.file.Path;

/**
 * Settings of the duckdb tool.
 *
 * @param maxConcurrent {@code duckdb.max-concurrent}: calls that run at once; default 4
 * @param memoryLimit {@code duckdb.memory-limit}: bytes that the database of one call uses before
 *     it goes to disk; default 1 GiB
 * @param threads {@code duckdb.threads}: threads of one call; 0, the default: one per processor
 * @param downloadExtensions {@code duckdb.download-extensions}: whether missing extensions are
 *     fetched from the network; default true
 * @param extensionFolder {@code duckdb.extension-folder}: where extensions are looked for and kept;
 *     empty, the default: DuckDB's own place
 * @param resultLimit {@code duckdb.result-limit}: most bytes of a result as JSON, about; default 64
 *     MiB
 * @param tempFolder where a database writes what does not fit into memory
 */
public record DuckdbSettings(
    int maxConcurrent,
    long memoryLimit,
    int threads,
    boolean downloadExtensions,
    String extensionFolder,
    long resultLimit,
    Path tempFolder) {

  public DuckdbSettings {
    if (maxConcurrent < 1 || memoryLimit < 1 || threads < 0 || resultLimit < 1) {
      throw new IllegalArgumentException(
          "Expected positive numbers of calls and bytes, and no negative one of threads, but got "
              + maxConcurrent
              + ", "
              + memoryLimit
              + ", "
              + resultLimit
              + " and "
              + threads);
    }
  }

  /** The defaults, with a place for temporary files. */
  public static DuckdbSettings defaults(Path tempFolder) {
    return new DuckdbSettings(4, 1L << 30, 0, true, "", 64L << 20, tempFolder);
  }
}
