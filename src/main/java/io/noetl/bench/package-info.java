/**
 * {@code noetl bench}: how fast this build is on this machine, and how far that is from what the
 * machine can do.
 *
 * <h2>Flow of one run</h2>
 *
 * <pre>
 * stand (PostgreSQL, bus, roles as child processes) -&gt; raw limits -&gt; for each workload: warm up -&gt; closed loop
 * with 1, 16, 64, 256 in flight -&gt; open loop at half the best rate -&gt; figures with their ratio to a raw limit
 * </pre>
 *
 * <p>{@link Bench} leads; {@link Stand} is what is measured; {@link Workload} says what is asked of
 * it, {@link Load} asks; {@link Meter} counts processor time, statements, rows and bytes between
 * two moments; {@link RawLimits} and {@link Parts} measure what lies below. The program that asks
 * is a process of its own, and its processor time is counted like everybody else's.
 *
 * <h2>What may fail between the lines</h2>
 *
 * <ul>
 *   <li>A role does not become ready: the bench ends with the last lines of its log.
 *   <li>A run is refused or does not end: it counts as failed, is never part of a latency, and the
 *       report says how many.
 *   <li>The process is interrupted: {@link Stand#close} ends every child and removes the data.
 * </ul>
 *
 * <p>May import everything but {@code api}, {@code mode} and {@code cli}; nobody but {@code cli}
 * imports it.
 */
@NullMarked
package io.noetl.bench;

import org.jspecify.annotations.NullMarked;
