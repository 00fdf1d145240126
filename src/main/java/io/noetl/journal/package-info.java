/**
 * The log, and the loop that puts decisions into it.
 *
 * <h2>Types</h2>
 *
 * {@link IntentHandler} takes intents; a {@link Lane} decides them in batches; {@link
 * PostgresJournal} appends a batch in one statement and one commit; {@link EventCodec} is the
 * stored form of every event, by name and version, for ever. {@link Replay} folds the log up to any
 * moment, {@link StateDocument} shows a state and gives it a checksum that never changes, {@link
 * RowRebuild} puts a row right that is not the fold of its log.
 *
 * <h2>Flow of one intent</h2>
 *
 * <pre>
 * submit -&gt; lane of the execution -&gt; state (cache, else log) -&gt; decide -&gt; append with the others of the batch -&gt; reply
 *                                                             \-&gt; needs data: got on another thread, then decide again
 * </pre>
 *
 * Data out of line comes from a {@link ResultVault}: what is at hand is handed to the decision at
 * once, the rest is got by the {@link DataFetcher} while the lane goes on with others. What a
 * decision made that is too large for an event is stored before its events are appended.
 *
 * <p>While a commit is on its way, everything that arrives for the lane queues up and goes together
 * with the next one: group commit in the application.
 *
 * <p>The same statement writes, moves and deletes rows of waits: a wait is opened and closed with
 * its execution's events, and moved by those of its child, whose genesis is written only while the
 * row is there. A {@link WaitListener} hears of it after the commit.
 *
 * <h2>What can fail between any two lines</h2>
 *
 * <ul>
 *   <li>Another server has appended to the execution, or a command's fence has moved: the statement
 *       leaves that execution out (its version or fence does not match), the others of the batch
 *       are committed; the lane reads the new tail and decides again, at most {@link
 *       LaneLimits#maxDecisions} times (I2, I6).
 *   <li>The process dies before the commit: nothing was written. After it: everything was, and the
 *       caller's repeat is answered as a duplicate (I1).
 *   <li>The connection breaks during the commit: the outcome is unknown, so the caller gets an
 *       operating error, cached states are dropped, and the next intent reads what is there.
 * </ul>
 *
 * <p>A lane's cache of states is only a cache: the version check on the execution row is the truth.
 * May import {@code execution}, {@code playbook}, {@code envelope}, {@code json} and {@code
 * postgres}.
 */
@NullMarked
package io.noetl.journal;

import org.jspecify.annotations.NullMarked;
