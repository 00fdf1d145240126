package io.noetl.tool.sql;

import io.noetl.json.Json;
import io.noetl.json.Weight;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.References;
import io.noetl.tool.LargeResults;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the last statement that were stored while they were read. What is stored is the whole
 * data of the call, as if it had been made in memory; the rows, which are in it twice, are one
 * section that comes twice. One thread.
 */
final class StoredRows {
  /** First rows that are kept for what is selected of them; more than may be selected. */
  private static final long KEPT_BYTES = 64 * 1024;

  /** Sections, in the order in which they are written. */
  private static final int ROWS = 0;

  private static final int BEFORE = 1;
  private static final int BETWEEN = 2;
  private static final int AFTER = 3;

  private final List<String> columns;
  private final LargeResults.Upload upload;
  private final List<@Nullable Object> first = new ArrayList<>();
  private long kept;
  private @Nullable Object last;
  private int count;

  StoredRows(List<String> columns, LargeResults.Upload upload) {
    this.columns = columns;
    this.upload = upload;
  }

  LargeResults.Upload upload() {
    return upload;
  }

  int count() {
    return count;
  }

  /** One more row was written. */
  void saw(@Nullable Object row) {
    count++;
    last = row;
    if (kept <= KEPT_BYTES) {
      kept += Weight.of(row);
      first.add(row);
    }
  }

  /** The data of the statement; of its rows those that are still here. */
  Map<String, @Nullable Object> glance() {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("columns", columns);
    data.put("rows", new Seen(first, last, count));
    data.put("row_count", (long) count);
    return data;
  }

  /** As many rows as there were; those that are not here any more are null. */
  private static final class Seen extends AbstractList<@Nullable Object> {
    private final List<@Nullable Object> first;
    private final @Nullable Object last;
    private final int count;

    Seen(List<@Nullable Object> first, @Nullable Object last, int count) {
      this.first = first;
      this.last = last;
      this.count = count;
    }

    @Override
    public @Nullable Object get(int index) {
      return index < first.size() ? first.get(index) : index == count - 1 ? last : null;
    }

    @Override
    public int size() {
      return count;
    }
  }

  /**
   * Stores what is around the rows.
   *
   * @param data of the whole call, with {@link #glance} of this statement
   * @param own the name under which the data of this statement is in it once more
   */
  Outcome outcome(Map<String, @Nullable Object> data, String own) throws InterruptedException {
    upload.next();
    upload.write(text("{\"columns\":" + Json.text(upload.clean(columns)) + ",\"rows\":["));
    upload.next();
    StringBuilder between = new StringBuilder("],\"row_count\":").append(count);
    data.forEach(
        (name, value) -> {
          if (!name.equals("columns")
              && !name.equals("rows")
              && !name.equals("row_count")
              && !name.equals(own)) {
            between
                .append(',')
                .append(Json.text(name))
                .append(':')
                .append(Json.text(upload.clean(value)));
          }
        });
    between
        .append(',')
        .append(Json.text(own))
        .append(":{\"status\":\"success\",\"columns\":")
        .append(Json.text(upload.clean(columns)))
        .append(",\"rows\":[");
    upload.write(text(between.toString()));
    upload.next();
    upload.write(text("],\"row_count\":" + count + "}}"));
    Map<String, @Nullable Object> reference =
        upload.finish(List.of(BEFORE, ROWS, BETWEEN, ROWS, AFTER), data);
    return References.with(Outcome.success(null), null, reference).withShape(Shape.ROWS);
  }

  private static byte[] text(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
