/**
 * The {@code transfer} tool: rows from a service or a database into a table of another.
 *
 * <p>{@code TransferPlan} reads a call. A {@code RowSource} gives rows one by one ({@code
 * HttpRows}, {@code PgSource}, {@code DuckSource}); {@code TransferExecutor} picks the mapped
 * columns, and hands chunks to a {@code RowTarget} ({@code PgTarget}, {@code DuckTarget}), which
 * writes them in one transaction.
 *
 * <p>Between the lines: the target is committed once, after the last chunk, so a failure leaves it
 * as it was; the source is committed after it. A worker that dies between the commit and its report
 * has the transfer repeated: {@code append} may then write rows twice, {@code replace} and {@code
 * upsert} do not.
 *
 * <p>May import {@code tool}, {@code tool.sql}, {@code tool.auth}, {@code tool.postgres}, {@code
 * tool.duckdb} and what they may import.
 */
@NullMarked
package io.noetl.tool.transfer;

import org.jspecify.annotations.NullMarked;
