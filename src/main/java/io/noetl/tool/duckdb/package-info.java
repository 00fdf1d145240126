/**
 * The {@code duckdb} and {@code ducklake} tools: SQL in an analytical database inside this process.
 *
 * <p>{@code DuckdbPlan} reads a call; {@code DuckFiles} lets one call at a time into a file; {@code
 * DuckdbAccess} opens the database (in memory, or the file), and {@code DuckAttach} loads
 * extensions, creates secrets and attaches what {@code auth} names. {@code DuckSession} runs the
 * statements one by one, and {@code DuckTypes} makes plain values of what the driver gives. The
 * database is closed before the outcome is handed over, so that the next step finds the file as it
 * is.
 *
 * <p>Between the lines: there is no transaction around the statements; those before a failed one
 * stay. The library runs on threads of the operating system, because it would hold the carriers of
 * virtual ones. An extension that is neither on this machine nor can be fetched is a hard error.
 *
 * <p>May import {@code tool}, {@code tool.sql}, {@code tool.code}, {@code tool.auth}, the addresses
 * of {@code tool.postgres} and what they may import, and the driver.
 */
@NullMarked
package io.noetl.tool.duckdb;

import org.jspecify.annotations.NullMarked;
