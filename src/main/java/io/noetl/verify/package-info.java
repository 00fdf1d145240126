/**
 * Proves from the database what must hold of it, and repairs what can be repaired without touching
 * the log.
 *
 * <h2>Types and flow</h2>
 *
 * {@link io.noetl.verify.Verifier} reads one snapshot in the order of execution ids: events (log
 * and outbox, merged), rows of executions, commands, waits and results, each through a cursor of
 * its own, so that memory is that of one execution. {@link io.noetl.verify.ExecutionCheck} is pure:
 * it folds the events of one execution with the same {@link io.noetl.execution.ExecutionState} that
 * decides, compares the fold with every row, and names what differs as a {@link
 * io.noetl.verify.Finding} of a {@link io.noetl.verify.Rule}. What concerns several executions at
 * once is asked for with a statement each. The result is a {@link io.noetl.verify.VerifyReport}.
 *
 * <p>{@link io.noetl.verify.Doctor} does the same for one execution and then acts: lost rows of
 * commands and waits come back through an intent and its event, the row of the execution is made
 * again from the log, rows that no event knows go away, and an execution that waits for nothing
 * ends as failed, with the reason. {@link io.noetl.verify.StuckWatch} calls it in the background
 * for executions that wait for nothing.
 *
 * <h2>What can fail between the lines</h2>
 *
 * Only the database. Everything is read in one transaction with isolation <i>repeatable read</i>;
 * the system writes each change of an execution in one transaction, so a busy system raises no
 * false alarm. A repair that comes too late is refused, by the position at which its damage was
 * seen, and changes nothing; the next look decides again. Doing a repair twice is doing it once.
 *
 * <p>May import {@code journal}, {@code execution}, {@code archive}, {@code postgres}, {@code json}
 * and {@code envelope}; nothing that serves or runs.
 */
@NullMarked
package io.noetl.verify;

import org.jspecify.annotations.NullMarked;
