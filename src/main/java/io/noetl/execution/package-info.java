/**
 * The core: what an execution is, and the decision what happens next. A pure function.
 *
 * <h2>Types</h2>
 *
 * An {@link ExecutionIntent} is what somebody wants (start, report, cancel, expire). {@link
 * Execution#decide} answers with a {@link Decision}: {@code Accepted} carries the events to append
 * and what becomes of commands, {@code Rejected} says why not. An {@link ExecutionEvent} is a fact;
 * {@link ExecutionState#evolve} folds facts into {@link ExecutionState}. State is immutable and
 * shares structure, so that a fold step costs the same in a long execution as in a short one.
 *
 * <h2>Flow of one report</h2>
 *
 * <pre>
 * AcceptReport -&gt; outcome of the step -&gt; its set -&gt; guards of its arcs -&gt; call.done (outcome, arcs taken)
 *              -&gt; ctx.updated (values set)   -&gt; for every target that may start: admission, inputs rendered
 *              -&gt; command.issued, or step.exit for a routing step, which completes at once and goes on
 *              -&gt; nothing left? playbook.completed / playbook.failed in the same decision
 * </pre>
 *
 * <p>A step that needs something from outside but no worker, such as a child playbook, opens a
 * wait: {@code step.waiting} says what is {@link io.noetl.execution.Awaited}, {@code Resume} or
 * {@code ExpireWait} end it once, and then it goes on as after a report. The shell does what has to
 * be done in between; ids of children are minted here, so that it can be repeated.
 *
 * <p>Data that is stored out of line is handed in as {@link KnownData}; a template that touches
 * what was not handed in ends the decision with {@link Decision.NeedsData}. What the decision
 * itself makes that is too large for an event is in its {@link NewResult}s. A running loop ({@link
 * LoopRun}) is counters; its value is a reference to the events of its iterations.
 *
 * <p>While it decides, every event is folded into the working state at once, so what later parts of
 * the decision see is what a replay will see (I3, I9). Everything a decision used (values set, arcs
 * taken) is in the event; the fold evaluates no template.
 *
 * <h2>What can fail</h2>
 *
 * A guard or a field that cannot be evaluated is a failure of the execution or of the step, never
 * "false" (I13). A report about a command that is not open is a {@link Rejection}. Nothing is
 * appended after a terminal event (I8). Between the decision and its commit everything can fail:
 * the caller drops the new state and decides again from what is stored.
 *
 * <p>No clock, no randomness, no I/O, no SQL: time and ids come with the call. May import {@code
 * playbook}, {@code envelope} and {@code json}.
 */
@NullMarked
package io.noetl.execution;

import org.jspecify.annotations.NullMarked;
