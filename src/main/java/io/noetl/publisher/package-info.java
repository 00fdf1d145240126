/**
 * From the outbox to the bus.
 *
 * <h2>Flow of one row</h2>
 *
 * <pre>
 * commit -&gt; NOTIFY -&gt; {@link NotificationSource} wakes {@link Publisher} -&gt; {@link OutboxReader} reads what
 * has become visible since its last snapshot -&gt; hint (if the event issues a command) and event are
 * published, with ids that make a repeat harmless -&gt; all acknowledged: the snapshot moves on
 * </pre>
 *
 * <p>One publisher is active: it holds an advisory lock on the very connection that it reads with,
 * so a publisher that has lost its lock has also lost its connection. The others stand by.
 *
 * <h2>What can fail between any two lines</h2>
 *
 * <ul>
 *   <li>The notification is lost (the server died after its commit; the listening connection
 *       broke): a tick looks every {@code publisher.tick} (I7).
 *   <li>The bus does not take a message: the snapshot stays, the same rows are read again. Nothing
 *       is marked in flight, so nothing can stay marked.
 *   <li>The publisher dies after publishing: the next one begins without a snapshot and publishes
 *       the whole outbox; message ids and the projector make repeats harmless (I5).
 *   <li>The bus loses what it acknowledged: rows that are not projected within a bound are
 *       published again, and so are hints of commands that nobody has claimed (I4).
 * </ul>
 *
 * <p>Rows are ordered by position within their execution, and a snapshot never holds a position
 * without all before it, since each is written under the version check of the one before.
 *
 * <p>May import {@code bus}, {@code postgres}, {@code query}, {@code support}, {@code json} and
 * {@code envelope}.
 */
@NullMarked
package io.noetl.publisher;

import org.jspecify.annotations.NullMarked;
