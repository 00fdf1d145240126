/**
 * Waiting without a worker: starts the children that executions asked for, tells parents how they
 * ended, ends waits whose time is over, and carries cancellations down.
 *
 * <h2>Flow of one child</h2>
 *
 * <pre>
 * step.waiting + row START (parent's commit) -&gt; {@link io.noetl.wait.ChildStarter}: path, depth, start with the id of the row
 *   -&gt; playbook_started + row WAIT, or DELIVER when only the start was asked for (child's commit)
 *   -&gt; terminal event + row DELIVER (child's commit) -&gt; Resume with the outcome -&gt; call.done, row gone (parent's commit)
 * </pre>
 *
 * <p>{@link io.noetl.wait.WaitKeeper} does each step at once after the commit that asks for it, and
 * sweeps rows that are due: what a server that died, or was too busy, has left.
 *
 * <p>A wait that ends by the clock is acted upon when its time is over, not at the next sweep: the
 * commit that opens it tells the keeper when that will be, and each sweep asks the database for the
 * next due time in the same statement, whoever wrote it. The sweep that comes anyway is the net.
 *
 * <h2>What can fail between any two lines</h2>
 *
 * <p>Everything is repeated until the row moves, by this server or another, and repeating is
 * harmless: a child is started under the id that its row carries, and is not started at all once
 * the row is gone; a wait ends once, because its parent's state knows which waits are open. A child
 * that cannot be started (unknown, archived, too deep) resumes its parent with a hard error. The
 * database's clock decides when a wait is over, so timers survive restarts and differences between
 * servers' clocks.
 *
 * <p>May import {@code journal}, {@code catalog}, {@code query}, {@code execution}, {@code
 * playbook}, {@code envelope}, {@code json}, {@code postgres} and {@code support}; never {@code
 * api}.
 */
@NullMarked
package io.noetl.wait;

import org.jspecify.annotations.NullMarked;
