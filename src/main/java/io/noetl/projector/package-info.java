/**
 * From the bus into the log: the read side of events.
 *
 * <h2>Flow of one batch</h2>
 *
 * <pre>
 * pull messages of the shard -&gt; per execution the highest position heard of -&gt; ONE statement moves every
 * outbox row up to it into noetl.event, in order -&gt; acknowledge the messages
 * </pre>
 *
 * <p>A message is only told that something is there; the row itself never travels through this
 * process. Moving all rows up to a position instead of the rows named by messages makes three
 * things fall out of the shape of the statement: order (I5), repeats (a row can be in one place
 * only), and repair of gaps (a message that the bus lost is made up for by the next one of its
 * execution, and counted).
 *
 * <h2>What can fail</h2>
 *
 * The process dies between the move and the acknowledgement: the message comes again and moves
 * nothing. The database is away: the batch is kept until it is back, or given back at the stop. A
 * message that cannot be read is ended, logged and counted; its row is moved through the next event
 * of its execution, or through the publisher's pass over old rows.
 *
 * <p>Decides nothing; may import {@code bus}, {@code consume}, {@code postgres}, {@code support},
 * {@code json} and {@code envelope}.
 */
@NullMarked
package io.noetl.projector;

import org.jspecify.annotations.NullMarked;
