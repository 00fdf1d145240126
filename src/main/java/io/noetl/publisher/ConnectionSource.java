package io.noetl.publisher;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens a connection of its own, outside any pool: for listening, and for holding a lock. */
@FunctionalInterface
public interface ConnectionSource {
  Connection open() throws SQLException;
}
