/**
 * The {@code postgres} tool: SQL on a PostgreSQL server that the playbook names.
 *
 * <p>{@code PgAddresses} finds out whom to connect to (fields of the call, a DSN, a credential);
 * {@code PgPools} keeps a bounded number of connections for each such address; {@code PgSession}
 * runs the statements of one call on one of them: all but the last in one transaction, then the
 * last by itself, rows in portions. {@code PgTypes} makes values of the server's text form. After a
 * call the session is put back to its initial state, when the result is on its way already.
 *
 * <p>{@code GuestSql} runs single statements of plug-ins on pools of their own, under limits that
 * no playbook has: there the role and the database are looked at before the statement, in its
 * transaction.
 *
 * <p>Between the lines: the last statement may fail after the others have been committed; a call
 * whose worker dies may be run again. A cancelled connection is closed, because the cancellation
 * may still be on its way.
 *
 * <p>May import {@code tool}, {@code tool.sql}, {@code tool.code}, {@code tool.auth} and what they
 * may import, and the driver. The platform's own database is out of reach: without an address in
 * the call there is no connection.
 */
@NullMarked
package io.noetl.tool.postgres;

import org.jspecify.annotations.NullMarked;
