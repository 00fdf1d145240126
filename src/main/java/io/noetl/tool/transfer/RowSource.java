package io.noetl.tool.transfer;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives rows one by one. One thread. */
interface RowSource extends AutoCloseable {
  /** Names of the values of a row; empty when there are no rows to tell them. */
  List<String> columns();

  /** The next row in the order of the columns, or null after the last. Bytes are byte arrays. */
  @Nullable List<@Nullable Object> next() throws SQLException;

  /** Keeps what reading the rows has changed. */
  void commit() throws SQLException;

  @Override
  void close() throws SQLException;
}
