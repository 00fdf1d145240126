/**
 * Running one command: a single tool with its policy, or a sequence of tasks.
 *
 * <p>The document of a command is a {@link io.noetl.tool.sequence.CommandContext}. The {@link
 * io.noetl.tool.sequence.SequenceRunner} renders a task against the names of the dispatch and those
 * that live only in this command ({@code RunningContext}), calls the tool, writes the task's {@code
 * set}, asks its policy ({@code PolicyRunner}) what to do, and goes on, repeats, jumps or ends. The
 * {@link io.noetl.tool.sequence.CommandResult} carries the outcome and the ctx variables to be made
 * durable.
 *
 * <p>Between the lines: the thread may be interrupted, which ends the command without a result; the
 * step's time may run out, which ends it with a soft error. Nothing here is durable: a command that
 * is delivered again begins at its first task.
 *
 * <p>May import {@code tool}, {@code playbook} and {@code json}; never a pool or the server.
 */
@NullMarked
package io.noetl.tool.sequence;

import org.jspecify.annotations.NullMarked;
