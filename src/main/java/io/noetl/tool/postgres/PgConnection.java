package io.noetl.tool.postgres;

import java.sql.Connection;

/**
 * A connection out of a pool.
 *
 * @param arrays what is known about the types of its database
 */
public record PgConnection(Connection connection, PgArrays arrays) {}
