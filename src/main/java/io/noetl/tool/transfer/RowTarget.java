package io.noetl.tool.transfer;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes rows, all or none of them. One thread. */
interface RowTarget extends AutoCloseable {
  /** Gets ready, and empties the table if that is wanted. Called once, also when no row follows. */
  void begin(List<String> columns) throws SQLException;

  /** Writes rows, whose values are in the order of the columns. */
  void write(List<List<@Nullable Object>> rows) throws SQLException;

  void commit() throws SQLException;

  /** Without a commit before: as if nothing had been written. */
  @Override
  void close() throws SQLException;
}
