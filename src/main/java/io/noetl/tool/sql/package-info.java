/**
 * What the tools that speak SQL have in common: cutting text into statements, placeholders, the
 * shape of results, and running database work so that it can be stopped.
 *
 * <p>A call's text comes from {@code SqlSource}, is cut by {@code SqlText}, and gets its values
 * from {@code SqlParameters}. The tool runs each statement on a thread of {@code SqlRuns}, where
 * the caller can cancel it ({@code Canceller}), and collects a {@code StatementResult} for each
 * while a {@code ResultBudget} counts its size. {@code Results} makes the outcome.
 *
 * <p>Between the lines: work that is being stopped may still complete; its caller is then given the
 * result, because the database has already kept it. A connection that was cancelled in use is never
 * used again.
 *
 * <p>May import {@code tool}, {@code tool.code} and what they may import, and {@code java.sql}.
 * Knows no driver, no connection and no database of the platform.
 */
@NullMarked
package io.noetl.tool.sql;

import org.jspecify.annotations.NullMarked;
