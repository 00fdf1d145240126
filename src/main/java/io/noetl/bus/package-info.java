/**
 * The message bus: carries events to projectors and hints about commands to pools, fast, at least
 * once, and never as the truth. PostgreSQL is the record; everything here may be lost at any moment
 * and costs a delay, never an event.
 *
 * <h2>Types</h2>
 *
 * {@link io.noetl.bus.Bus} publishes and makes consumers, {@link io.noetl.bus.BusConsumer} pulls,
 * {@link io.noetl.bus.BusMessage} is answered. Two buses fulfil one contract, which one test suite
 * runs against both: {@link io.noetl.bus.NatsBus} on JetStream, and {@link
 * io.noetl.bus.EmbeddedBus} in memory for the mode in which nothing is installed. {@link
 * io.noetl.bus.Subjects} names subjects, filters and shards; {@link io.noetl.bus.BusLimits} bounds
 * everything; {@link io.noetl.bus.NatsProcess} runs a server as a child process.
 *
 * <h2>One message</h2>
 *
 * <ol>
 *   <li>{@code publish} checks subject, id and size, takes a place in the publish window (blocking
 *       while it is full) and sends. The message id is the event's id, or a command's id with the
 *       number of its publication, so a repeated hint is not swallowed as a duplicate.
 *   <li>The stream stores it and acknowledges, or recognises the id and acknowledges as a
 *       duplicate. The future ends in every case: with the acknowledgement, at the request timeout,
 *       or with the connection. JetStream acknowledges before it has synced to disk.
 *   <li>A pull asks its durable consumer once, for as many as the caller can handle now. The
 *       request waits at the server for a first message, takes what is there, and ends. A waiting
 *       puller is reached in one hop; a backlog comes in batches; a busy puller hoards nothing,
 *       which matters on a work queue that others share.
 *   <li>The receiver answers: ack, nak with a delay, term, in progress; without an answer the
 *       message comes again after the acknowledgement wait, at most {@code maxDeliver} times.
 * </ol>
 *
 * <h2>What may fail between the lines</h2>
 *
 * <ul>
 *   <li><b>The connection breaks.</b> A session is never mended. Publishes on their way fail at
 *       once, waiting pulls wait for the next session, answers to messages of the old session are
 *       dropped and counted. A keeper thread connects again with backoff, checks the server's
 *       version, and sees to the streams before anybody gets the new session.
 *   <li><b>The store is lost</b> (I4). Streams are created again by the keeper and, where a pull or
 *       a publish meets a missing one first, because of that; consumers by their next pull.
 *       Sequences start again at 1, so an answer meant for a lost message must not hit a new one:
 *       lines are abandoned when the consumer's time of creation has changed. What was in the store
 *       is published again by whoever keeps the record.
 *   <li><b>The store is older than the consumers' positions</b> (B1), or the streams' part of it
 *       was lost: a consumer would pass over what gets numbers that it has seen. Whoever takes a
 *       line to a consumer compares its position with the end of its stream and makes it again.
 *   <li><b>The consumer vanishes</b> (B2). The server's refusal, or its silence, makes the next
 *       step create it again; one log line, a count, and {@code BusUnavailable} only when that did
 *       not succeed within the caller's wait.
 *   <li><b>The server acknowledges and loses</b> (B1). Not visible here. Receivers must be
 *       idempotent and find gaps themselves.
 *   <li><b>Nobody listens</b> (B3). Streams are on file, consumers deliver from the first message
 *       on; hints that grow too old are published again from their table.
 *   <li><b>A message cannot be handled</b> (B4). {@code maxDeliver} bounds it; {@code
 *       deliveryCount} lets the receiver record and {@code term} it at the last delivery.
 *   <li><b>A shard reads only its own</b> (B5): the shard is a token of the subject, and {@code
 *       shardOf} hashes before it takes the modulus.
 *   <li><b>A setting is wrong</b> (B6). There is no default address; filters must lie in their
 *       stream; consumers of the work queue must not overlap; stream and consumer settings are read
 *       back, since older servers drop what they do not know.
 *   <li><b>A stream is full.</b> Events drop their oldest: a projector sees the gap and reads the
 *       record. Commands refuse with {@code BusFull}: a hint dropped in silence would wait for a
 *       sweep.
 * </ul>
 *
 * <p>Of the embedded bus: one lock per stream, no threads, nothing kept over the end of the
 * process.
 *
 * <p>Must not import: anything of the project, JSON libraries, {@code System.getenv}. {@code
 * io.nats} is imported here and nowhere else.
 */
@NullMarked
package io.noetl.bus;

import org.jspecify.annotations.NullMarked;
