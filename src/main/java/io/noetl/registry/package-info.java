/**
 * Who is alive: worker pools and other components of the installation, and the numbers that
 * processes mint ids with.
 *
 * <h2>Types and flow</h2>
 *
 * {@link io.noetl.registry.Runtimes} keeps one row per component and name. A component registers,
 * says every few seconds that it lives, and leaves; one that stays silent for three heartbeats is
 * shown as offline. It is also where the names of pools are known: a worker of an unknown pool is
 * refused, because it would wait for work that nobody sends.
 *
 * <h2>What can fail</h2>
 *
 * Registration is one statement and may be repeated; a heartbeat of a component that is not there is
 * answered as unknown, so that it registers again.
 *
 * <p>May import {@code postgres}, {@code envelope} and {@code json}. Knows neither commands nor
 * HTTP.
 */
@NullMarked
package io.noetl.registry;

import org.jspecify.annotations.NullMarked;
