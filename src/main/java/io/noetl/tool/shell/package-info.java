/**
 * The {@code shell} tool: commands in processes of their own.
 *
 * <p>{@code ShellExecutor} starts one shell per command, as leader of a process group, in the
 * directory that the author names or in a private one, with the worker's environment minus the
 * platform's secrets. Output goes line by line to the log of the call while the command runs; the
 * tail of it becomes data. The first command that fails ends the call.
 *
 * <p>Between the lines: the time may be over or the call interrupted, which kills the group of the
 * running command; what a command leaves in the background is killed at its end, too.
 *
 * <p>May import {@code tool}, {@code tool.process} and what they may import.
 */
@NullMarked
package io.noetl.tool.shell;

import org.jspecify.annotations.NullMarked;
