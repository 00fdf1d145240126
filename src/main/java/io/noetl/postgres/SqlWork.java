package io.noetl.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Statements to run on a connection that is lent for the time of the call. */
@FunctionalInterface
public interface SqlWork<T extends @Nullable Object> {
  T on(Connection connection) throws SQLException;
}
