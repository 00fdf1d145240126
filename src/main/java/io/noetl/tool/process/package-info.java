/**
 * Programs that tools start: their environment, their output, their end.
 *
 * <p>A tool makes the environment with {@code ChildEnvironment} (the worker's, without the
 * platform's secrets), starts a {@code Program}, preferably as leader of a process group ({@code
 * ProcessGroups}), and waits for its end; {@code CallOutput} passes on each line and keeps the tail
 * of all. {@code Directories} removes what the calls leave in the file system.
 *
 * <p>Between the lines: the program may end, outlive its time, or its waiting thread may be
 * interrupted: its whole group is killed each time. A process that moves to a group of its own
 * escapes; its output is waited for two seconds. A worker that dies leaves running programs behind.
 *
 * <p>May import {@code tool} and what it may import; not the packages of the kinds.
 */
@NullMarked
package io.noetl.tool.process;

import org.jspecify.annotations.NullMarked;
