/**
 * The loop that workers and system pools share: pull, claim, run, report.
 *
 * <h2>Flow of one command</h2>
 *
 * <pre>
 * hint from the bus -&gt; claim at the server (lease, fence) -&gt; acknowledge the hint -&gt; run the tool -&gt;
 * data over results.inline-max-bytes stored at the server -&gt; report once,
 * with an offer to take the next command -&gt; perhaps a command in the reply: run that, and so on
 * </pre>
 *
 * <p>Where tenants share the pool a claim may be answered with another command than the hint's, of
 * the tenant whose turn it is; {@link Runs} sees to it that what is granted twice is run once.
 *
 * <p>Types: {@link Pool} pulls and owns the slots; {@link ServerClient} speaks HTTP; {@link
 * GatheredCalls} sends claims and reports together; {@link Leases} keeps the leases of everything
 * that runs; {@link CommandRunner} is what runs a command's tool; {@link Parking} lends the slots
 * of commands that wait for a child to others; {@link Asides} gives back commands whose work goes
 * on outside; {@link PluginFunctions} is what plug-ins can do, for one call each; {@link
 * ResultOffload} stores what is too large for a report; {@link ServerResults} reads it.
 *
 * <h2>What can fail between any two lines</h2>
 *
 * <ul>
 *   <li>The process dies before the acknowledgement: the bus delivers the hint again. After it: the
 *       lease runs out and the server offers the command again (I6).
 *   <li>The claim's reply is lost: the same worker claims again and gets the same fence.
 *   <li>Data cannot be stored: it is tried again until the lease is lost; a status without its data
 *       is never reported.
 *   <li>A plug-in's statement is cancelled or its call interrupted: the connection is closed, what
 *       a plug-in of the system had committed stands.
 *   <li>The report cannot be delivered: it is repeated until it is answered or the lease is lost; a
 *       repeat of an accepted report is answered as a duplicate.
 *   <li>The lease is lost or the command cancelled while the tool runs: the heartbeat says so, the
 *       tool is interrupted, its result dropped: another worker has the command, or nobody wants
 *       it.
 *   <li>The process stops: nothing more is pulled; what runs may finish within the drain time; what
 *       still runs then is interrupted and given back without counting the attempt.
 * </ul>
 *
 * <p>A pool lives without the platform's database: it may import {@code bus}, {@code consume},
 * {@code tool}, {@code wasm}, {@code execution} (what a playbook tool asks for and comes to),
 * {@code playbook}, {@code support}, {@code json} and {@code envelope}.
 */
@NullMarked
package io.noetl.pool;

import org.jspecify.annotations.NullMarked;
