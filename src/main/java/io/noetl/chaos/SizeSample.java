package io.noetl.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How large everything was at one moment.
 *
 * @param second since the load began
 * @param busBytes that nats-server has stored
 * @param memoryBytes resident memory by process; 0 when it did not run, or nobody can tell
 */
public record SizeSample(
    long second, List<Table> tables, long busBytes, Map<String, Long> memoryBytes) {

  /**
   * A table with all its partitions.
   *
   * @param bytes with indexes
   * @param dead rows that vacuum has not removed
   */
  public record Table(String name, long rows, long bytes, long indexBytes, long dead) {}

  public SizeSample {
    tables = List.copyOf(tables);
    memoryBytes = Collections.unmodifiableMap(new LinkedHashMap<>(memoryBytes));
  }

  Map<String, Object> members() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("second", second);
    List<Object> rows = new ArrayList<>();
    for (Table table : tables) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("table", table.name());
      row.put("rows", table.rows());
      row.put("bytes", table.bytes());
      row.put("index_bytes", table.indexBytes());
      row.put("dead", table.dead());
      rows.add(row);
    }
    out.put("tables", rows);
    out.put("bus_bytes", busBytes);
    out.put("memory_bytes", memoryBytes);
    return out;
  }

  /** A table for people: this moment, and a later one. */
  String text(SizeSample later) {
    StringBuilder text = new StringBuilder();
    String line = "%-16s %12s %12s %12s %12s %12s %12s %10s %10s\n";
    text.append(
        line.formatted(
            "table",
            "rows before",
            "after",
            "KiB before",
            "after",
            "indexes",
            "after",
            "dead",
            "after"));
    for (Table then : tables) {
      for (Table now : later.tables) {
        if (now.name().equals(then.name())) {
          text.append(
              line.formatted(
                  now.name(),
                  then.rows(),
                  now.rows(),
                  then.bytes() / 1024,
                  now.bytes() / 1024,
                  then.indexBytes() / 1024,
                  now.indexBytes() / 1024,
                  then.dead(),
                  now.dead()));
        }
      }
    }
    text.append(
        "\nstore of nats-server: %d KiB before, %d after; memory in MiB, before and after:\n"
            .formatted(busBytes / 1024, later.busBytes / 1024));
    List<String> processes = new ArrayList<>();
    memoryBytes.forEach(
        (name, bytes) ->
            processes.add(
                "%s %d %d"
                    .formatted(name, bytes >> 20, later.memoryBytes.getOrDefault(name, 0L) >> 20)));
    return text.append("  ").append(String.join(", ", processes)).append("\n").toString();
  }
}
