/**
 * Schedules: documents of the catalog that start playbooks by the clock.
 *
 * <h2>Flow of one fire time</h2>
 *
 * <pre>
 * document of kind Schedule -&gt; {@link io.noetl.schedule.ScheduleReader}: what it says
 *   -&gt; row of noetl.schedule (made from the catalog by every sweep, so archiving and restoring need no word)
 * row is due -&gt; {@link io.noetl.schedule.FirePlan}: which times are due, pure
 *   -&gt; row of noetl.schedule_fire, with the id of the execution -&gt; overlap policy -&gt; start under that id
 *   -&gt; row of noetl.schedule: done up to now, next time
 * </pre>
 *
 * <p>{@link io.noetl.schedule.Timetable} is the calendar: an expression on the wall of a zone, or
 * an interval. It is pure, so the times of a schedule are the same whoever asks.
 *
 * <h2>What can fail between any two lines</h2>
 *
 * <p>Everything is repeated: a due schedule that its server left half done is due again after
 * {@code schedules.retry}. A fire time is a primary key, and an execution of it starts under the id
 * that its row carries, with the time as its idempotency key; so two servers that fire at once, and
 * one that dies after the start, start it once. What is due is decided by the database's clock.
 *
 * <p>May import {@code catalog}, {@code wait}, {@code journal}, {@code execution}, {@code
 * playbook}, {@code json}, {@code postgres} and {@code support}; never {@code api}.
 */
@NullMarked
package io.noetl.schedule;

import org.jspecify.annotations.NullMarked;
