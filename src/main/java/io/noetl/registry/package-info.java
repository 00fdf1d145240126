/**
 * Who is there: worker pools and other live components, and the numbers that processes mint ids
 * with.
 *
 * <h2>Types and flow</h2>
 *
 * {@link io.noetl.registry.Runtimes} keeps one row per component and name. A component registers,
 * says every few seconds that it lives, and leaves; one that stays silent for three heartbeats is
 * shown as offline. The names of pools are known here too: a worker of an unknown pool is refused,
 * because it would wait for work that nobody sends.
 *
 * <p>A process takes a machine number when it starts, renews its lease, and gives it back when it
 * stops.
 *
 * <h2>What can fail</h2>
 *
 * Registration is one statement and may be repeated; a heartbeat of a component that is not there
 * is answered as unknown, so that it registers again. The database may stop answering: past the end
 * of the lease on its number, as measured from before it was last asked for, a process mints no
 * more, because another may have the number. Only the database's clock decides who holds what.
 *
 * <p>May import {@code postgres}, {@code config}, {@code support}, {@code envelope} and {@code
 * json}. Knows neither commands nor HTTP.
 */
@NullMarked
package io.noetl.registry;

import org.jspecify.annotations.NullMarked;
