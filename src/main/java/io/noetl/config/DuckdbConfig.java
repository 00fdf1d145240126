package io.noetl.config;

/**
 * The duckdb tool of a worker.
 *
 * @param maxConcurrent calls that run at once; further ones wait
 * @param memoryLimit most bytes that the database of one call uses before it goes to disk
 * @param threads threads of one call; 0: as many as there are processors
 * @param downloadExtensions whether missing extensions are fetched from the network
 * @param extensionFolder where extensions are looked for and kept; empty: DuckDB's own place
 * @param resultLimit most bytes of a result as JSON, about
 */
public record DuckdbConfig(
    int maxConcurrent,
    long memoryLimit,
    int threads,
    boolean downloadExtensions,
    String extensionFolder,
    long resultLimit) {

  public DuckdbConfig {
    new Checks("duckdb")
        .range("max-concurrent", maxConcurrent, 1, 1_000)
        .bytes("memory-limit", memoryLimit, 16L << 20, 1L << 50)
        .range("threads", threads, 0, 1_024)
        .bytes("result-limit", resultLimit, 1, 1L << 30)
        .done();
  }

  static DuckdbConfig from(Values values) {
    return new DuckdbConfig(
        values.integer("max-concurrent", 4, "Calls that run at once"),
        values.bytes("memory-limit", 1L << 30, "Memory of one call before it goes to disk"),
        values.integer("threads", 0, "Threads of one call; 0: one per processor"),
        values.bool("download-extensions", true, "Fetch missing extensions from the network"),
        values.text("extension-folder", "", "Folder of extensions; empty: DuckDB's own"),
        values.bytes("result-limit", 64L << 20, "Most bytes of a result as JSON, about"));
  }

  /** The values that hold when nothing is set. */
  public static DuckdbConfig defaults() {
    return from(Values.defaults("duckdb"));
  }
}
