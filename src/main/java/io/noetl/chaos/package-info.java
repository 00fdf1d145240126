/**
 * {@code noetl chaos}: a whole site of real processes on this machine, load upon it, faults from a
 * seed, and proof at the end that nothing was lost, doubled, stuck or out of order.
 *
 * <h2>Types and flow</h2>
 *
 * {@link io.noetl.chaos.ChaosRun} is the one way in. It starts a {@code Site}: PostgreSQL and
 * nats-server of its own, and two servers, publishers, projectors and workers and a system pool as
 * {@code Role}s, each the same program with another {@code --mode}. Between any two of them is a
 * {@code Gate}, a TCP proxy that can cut, delay, silence and half-open what goes through it. {@code
 * Load} starts executions of the playbooks in {@code Errand} at a steady rate and keeps a {@code
 * Promise} of each that was accepted; {@code Effects} counts what steps did to the outside. {@code
 * Faults} injects one {@link io.noetl.chaos.FaultKind} after the other, mostly waiting until what
 * ran meanwhile has ended, sometimes not: a fault may hit a recovery. {@code Watch} sees executions
 * end. In the end everything is made whole, and when nothing moves any more, or the deadline is
 * over, {@code Audit} holds the database and the API against the promises. The {@link
 * io.noetl.chaos.ChaosReport} says it by fault kind.
 *
 * <h2>What can fail between the lines</h2>
 *
 * Everything but this process, which is the point. Requests are repeated under their key until they
 * are answered, as any client must; looks at the database are repeated while it is away. When this
 * process is killed, its roles, PostgreSQL and nats-server stay: PostgreSQL and nats-server end
 * with the next run in the same folder.
 *
 * <p>The seed fixes load, faults, victims and lengths; not the moment at which they meet, which is
 * the scheduler's. {@code Ticks} are two schedules that fire all the while; {@code Sizes} looks at
 * tables, stores and memory every now and then.
 *
 * <p>A clock that steps is the role's own {@code mode.ShiftedClock}, told by a file: ids, times of
 * events, expiry of secrets and tokens see the step. Leases, timers and schedules are by the
 * database's clock, which does not step, nor do the clocks of libraries, tools and nats-server. A
 * disk that is full is a file system of its own, a {@code Volume}, without a byte left.
 *
 * <p>May import {@code config}, {@code postgres}, {@code bus.NatsProcess}, {@code verify} and
 * {@code json}; only {@code cli} may import it. It speaks to the database directly, as an operator
 * would, and to NATS in its own protocol, since {@code io.nats} stays in {@code bus}.
 */
@NullMarked
package io.noetl.chaos;

import org.jspecify.annotations.NullMarked;
