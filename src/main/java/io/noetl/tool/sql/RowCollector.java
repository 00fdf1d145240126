package io.noetl.tool.sql;

import io.noetl.json.Json;
import io.noetl.json.Weight;
import io.noetl.tool.LargeResults;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the rows of one statement: into memory, or, when they are many and it is the last one, to
 * where results are stored while they are read. One thread.
 */
public final class RowCollector {
  private static final byte[] COMMA = ",".getBytes(StandardCharsets.US_ASCII);

  private final List<String> columns;
  private final boolean asObjects;
  private final ResultBudget budget;
  private final int times;
  private final LargeResults large;
  private final List<@Nullable Object> rows = new ArrayList<>();
  private long weight;
  private @Nullable StoredRows stored;

  /**
   * @param times how often the rows are part of the result
   * @param large where they go when they are many; none for a statement that is not the last
   */
  public RowCollector(
      List<String> columns, boolean asObjects, ResultBudget budget, int times, LargeResults large) {
    this.columns = columns;
    this.asObjects = asObjects;
    this.budget = budget;
    this.times = times;
    this.large = large;
  }

  /**
   * @param row values in the order of the columns
   * @throws ResultBudget.TooLarge when the limit of what is kept in memory is passed
   * @throws LargeResults.Refused when that of what is stored is
   */
  public void add(List<@Nullable Object> row) throws InterruptedException {
    Object shown = asObjects ? object(row) : row;
    StoredRows away = stored;
    if (away != null) {
      add(away, shown);
      return;
    }
    budget.add(shown, times);
    rows.add(shown);
    weight += Weight.of(shown);
    if (weight > large.threshold()) {
      StoredRows begun = new StoredRows(columns, large.begin());
      stored = begun;
      for (Object kept : rows) {
        add(begun, kept);
      }
      rows.clear();
    }
  }

  private static void add(StoredRows to, @Nullable Object row) throws InterruptedException {
    Object clean = to.upload().clean(row);
    if (to.count() > 0) {
      to.upload().write(COMMA);
    }
    to.upload().write(Json.bytes(clean));
    to.upload().counted(1);
    to.saw(clean);
  }

  private Map<String, @Nullable Object> object(List<@Nullable Object> row) {
    Map<String, @Nullable Object> object = LinkedHashMap.newLinkedHashMap(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      object.put(columns.get(i), row.get(i));
    }
    return object;
  }

  /** After the last row. */
  public StatementResult result() {
    StoredRows away = stored;
    return away == null ? StatementResult.of(columns, rows) : StatementResult.of(away);
  }
}
