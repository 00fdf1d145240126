package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.sql.SqlNames;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Moves the rows of one transfer, chunk by chunk. Used once, by one thread. */
final class Copy {
  private final TransferPlan plan;
  private final RowSource source;
  private final RowTarget target;
  private long transferred;
  private long chunks;

  Copy(TransferPlan plan, RowSource source, RowTarget target) {
    this.plan = plan;
    this.source = source;
    this.target = target;
  }

  Outcome run() throws SQLException {
    List<String> columns =
        plan.mapping().isEmpty() ? source.columns() : List.copyOf(plan.mapping().keySet());
    target.begin(columns);
    List<Integer> picked =
        plan.mapping().isEmpty() || source.columns().isEmpty()
            ? List.of()
            : SqlNames.positions(
                ToolKind.TRANSFER,
                "the source",
                source.columns(),
                List.copyOf(plan.mapping().values()));
    List<List<@Nullable Object>> chunk = new ArrayList<>();
    List<@Nullable Object> row;
    while ((row = source.next()) != null) {
      chunk.add(picked(row, picked));
      if (chunk.size() == plan.chunkSize()) {
        write(chunk);
      }
    }
    if (!chunk.isEmpty()) {
      write(chunk);
    }
    target.commit();
    source.commit();
    return Outcome.success(data(columns));
  }

  private static List<@Nullable Object> picked(List<@Nullable Object> row, List<Integer> picked) {
    if (picked.isEmpty()) {
      return row;
    }
    List<@Nullable Object> values = new ArrayList<>(picked.size());
    for (int position : picked) {
      values.add(row.get(position));
    }
    return values;
  }

  private void write(List<List<@Nullable Object>> chunk) throws SQLException {
    target.write(chunk);
    transferred += chunk.size();
    chunks++;
    chunk.clear();
  }

  private Map<String, @Nullable Object> data(List<String> columns) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("direction", plan.from().word() + "_to_" + plan.to().word());
    data.put("source_type", plan.from().word());
    data.put("target_type", plan.to().word());
    data.put("mode", plan.mode().word());
    data.put("rows_transferred", transferred);
    data.put("chunks_processed", chunks);
    if (plan.table() != null) {
      data.put("target_table", plan.table());
    }
    data.put("columns", columns);
    return data;
  }
}
