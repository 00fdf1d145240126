/**
 * PostgreSQL for everybody: the connection pools, transactions, the runner of the numbered
 * migrations, and the embedded server of mode {@code all}.
 *
 * <p>A caller takes {@code Database.transaction(pool, work)}; the connection comes from that pool,
 * the work's statements run, and the commit is durable or the call throws a {@link
 * io.noetl.postgres.DatabaseException} that says what kind of failure it was. Between the lines may
 * fail: the wait for a connection, any statement, and the commit itself, after which nobody knows
 * whether it took place until the tables are read again.
 *
 * <p>May import {@code config} and {@code support} of this project. Knows no table but the history
 * of migrations; code generated from the schema is in {@code postgres.generated}.
 */
@NullMarked
package io.noetl.postgres;

import org.jspecify.annotations.NullMarked;
