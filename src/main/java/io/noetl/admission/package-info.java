/**
 * Whether a server takes new executions now: early refusal while the work that is there cannot keep
 * up, so that running executions go on and nobody waits in a queue without end.
 *
 * <h2>Types and flow</h2>
 *
 * {@link io.noetl.admission.Admission} looks at the backlogs every {@code admission.sample} ({@link
 * io.noetl.query.Backlog} reads a bounded number of pages, however large they are) and keeps one
 * mark per backlog: events that are not in the log yet, commands of each pool that nobody has
 * claimed, and decisions that wait for the database, which are counted in memory at each request. A
 * mark is passed at its high value and stays passed until its low value is reached, so that clients
 * do not see admission flicker. A start asks {@link io.noetl.admission.Admission#refusal} and gets
 * null, or which mark refuses it and when to come back.
 *
 * <p>A pool's mark counts only for playbooks that can send commands to that pool: a pool without
 * workers stops its own work and no other. Children of running executions are never asked about,
 * nor are reports of workers: finishing work is what empties the queues.
 *
 * <h2>What can fail</h2>
 *
 * A sample, when the database is away: the last one counts until the next, the loop is reported as
 * stuck, and starts fail on the database itself. Before the first sample everything is admitted.
 *
 * <p>May import {@code query}, {@code support} and {@code metrics}; never {@code api} or whatever
 * decides.
 */
@NullMarked
package io.noetl.admission;

import org.jspecify.annotations.NullMarked;
