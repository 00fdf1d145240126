/**
 * What every long-lived part needs: {@link io.noetl.support.Lifecycle} to start and close in order,
 * a bounded {@link io.noetl.support.Backoff} for retries, {@link io.noetl.support.Progress} for
 * readiness, {@link io.noetl.support.Rounds} for what is done again and again, and {@link
 * io.noetl.support.Gathered} for what many ask for at once, {@link io.noetl.support.FreePorts} for
 * processes that are about to start. It stays this small.
 *
 * <p>A part is added to a {@link io.noetl.support.Lifecycles} in the order in which parts start;
 * each may fail or hang, which costs its bound of time and is reported with all other failures.
 *
 * <p>May import the JDK only.
 */
@NullMarked
package io.noetl.support;

import org.jspecify.annotations.NullMarked;
