/**
 * The queue of work: who may run a command, for how long, and what happens when nobody reports.
 *
 * <h2>Types and flow</h2>
 *
 * A {@link CommandQueue} claims commands in batches (one statement for all claims that wait),
 * extends leases, gives commands back, and lists what is open or dead. The {@link LeaseSweeper}
 * hands every lease that ran out to the decision as an intent. Commands are created and settled
 * elsewhere, in the transaction of the decision that says so ({@code journal}).
 *
 * <p>Of whom a claim gets a command is a matter of {@link FairClaims}: what it names, or, in a pool
 * that several tenants want at once, the oldest command of the tenant whose turn it is, by {@link
 * FairShare}. Hints and waiting commands stay equally many: a hint whose command is gone gets
 * another.
 *
 * <p>A claim is one conditional update of one row by its key: no lock service, no second table to
 * agree with. Each claim raises the fence; a report must carry the fence that the row has (I6).
 * Time is the database's time only.
 *
 * <h2>What can fail</h2>
 *
 * A worker dies after its claim: the sweeper finds the lease, or the next claim does; either ends
 * it by a decision, so that the log tells of it, and the command is offered again with a new hint,
 * at most {@code command.max-attempts} times (I7). A claim's reply is lost: the same worker claims
 * again and gets the same fence. Two workers claim at once: the row decides, the other learns who
 * holds it.
 */
@NullMarked
package io.noetl.command;

import org.jspecify.annotations.NullMarked;
