package io.noetl.verify;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows in the order of their executions, a few at a time in memory. For one thread. */
final class Cursor<T extends Stored.Owned> implements AutoCloseable {
  /** Makes a record of the current row. */
  interface Mapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  private final Statement statement;
  private final ResultSet rows;
  private final Mapper<T> mapper;
  private @Nullable T next;

  /**
   * @param connection in a transaction; else the driver would read all rows at once
   * @param fetch rows of one round trip
   */
  Cursor(Connection connection, String sql, int fetch, Mapper<T> mapper) throws SQLException {
    this.mapper = mapper;
    this.statement = connection.createStatement();
    statement.setFetchSize(fetch);
    this.rows = statement.executeQuery(sql);
    move();
  }

  /** The row that comes next, or null at the end. */
  @Nullable T peek() {
    return next;
  }

  /** The execution of the next row; {@link Long#MAX_VALUE} at the end. */
  long execution() {
    return next == null ? Long.MAX_VALUE : next.executionId();
  }

  void move() throws SQLException {
    next = rows.next() ? mapper.map(rows) : null;
  }

  /** All that belong to this execution, which none may come before. */
  List<T> of(long executionId) throws SQLException {
    List<T> found = new ArrayList<>();
    while (next != null && next.executionId() == executionId) {
      found.add(next);
      move();
    }
    return found;
  }

  @Override
  public void close() throws SQLException {
    statement.close();
  }
}
