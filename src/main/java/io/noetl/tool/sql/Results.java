package io.noetl.tool.sql;

import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the outcome of a call from what its statements came to. */
public final class Results {
  private Results() {}

  /**
   * The data of the last statement, the number of statements, and {@code command_<i>} for each.
   *
   * @param statements in order; none is a call that changed nothing
   * @throws io.noetl.tool.LargeResults.Refused when rows were stored while they were read, and the
   *     rest cannot be
   */
  public static Outcome of(List<StatementResult> statements) throws InterruptedException {
    if (statements.isEmpty()) {
      return Outcome.success(StatementResult.of(0).data());
    }
    StatementResult last = statements.getLast();
    Map<String, @Nullable Object> data = last.data();
    data.put("statement_count", (long) statements.size());
    int i = 0;
    for (StatementResult statement : statements) {
      Map<String, @Nullable Object> own = new LinkedHashMap<>();
      own.put("status", "success");
      own.putAll(statement.data());
      data.put("command_" + i++, own);
    }
    StoredRows stored = last.stored();
    if (stored != null) {
      return stored.outcome(data, "command_" + (statements.size() - 1));
    }
    Outcome outcome = Outcome.success(data);
    return last.rows() == null ? outcome : outcome.withShape(Shape.ROWS);
  }
}
