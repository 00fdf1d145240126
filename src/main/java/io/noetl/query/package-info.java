/**
 * Reads for the API: executions, their events, the queue and the outbox. Decides nothing and writes
 * nothing.
 *
 * <h2>Types and flow</h2>
 *
 * {@link io.noetl.query.Executions} reads the execution row, which is written in the transaction of
 * every decision. {@link io.noetl.query.EventPages} reads events: {@code noetl.event} and what is
 * still in the outbox, in one statement, so that an event on its way between the two is seen
 * exactly once, by whoever asks after the write was answered. {@link io.noetl.query.ServedEvent}
 * turns a stored row into what clients see, without decoding it into the types of the core.
 *
 * <h2>What can fail</h2>
 *
 * Only the database, with {@link io.noetl.postgres.DatabaseException}. Every query carries the
 * tenant; what belongs to another one is not there.
 *
 * <p>May import {@code postgres}, {@code envelope} and {@code json}; neither {@code api} nor
 * whatever decides.
 */
@NullMarked
package io.noetl.query;

import org.jspecify.annotations.NullMarked;
