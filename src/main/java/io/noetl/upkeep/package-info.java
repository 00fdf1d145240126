/**
 * Looking after a database while the system runs: is the schema whole, what may go, what must be
 * moved on, and bytes that others keep here. For internal routes only.
 *
 * <h2>Types and flow</h2>
 *
 * {@link io.noetl.upkeep.Schema} compares the tables with those this program was built for, and
 * applies what is pending. {@link io.noetl.upkeep.Purge} removes what is over: dead commands,
 * silent components, whole executions. {@link io.noetl.upkeep.OutboxProjection} moves named events
 * from the outbox to the log, for a projector outside. {@link io.noetl.upkeep.ObjectStore} keeps
 * opaque bytes under keys. {@link io.noetl.upkeep.Retention} holds the rules that say how long
 * executions are kept; {@link io.noetl.upkeep.RetentionKeeper} purges by them in the background.
 * {@link io.noetl.upkeep.DeadMessages} keeps what the bus brought and nobody could handle.
 *
 * <h2>What can fail between the lines</h2>
 *
 * Only the database, with {@link io.noetl.postgres.DatabaseException}. Each purge is a sequence of
 * short transactions: one that fails half-way has removed whole executions and nothing in part, and
 * the next call goes on. A purge and a start that names a purged parent meet in the database, where
 * the start finds no parent.
 *
 * <p>May import {@code postgres}; decides nothing about executions that live.
 */
@NullMarked
package io.noetl.upkeep;

import org.jspecify.annotations.NullMarked;
