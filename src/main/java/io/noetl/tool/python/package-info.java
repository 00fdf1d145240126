/**
 * The {@code python} tool: code of steps in interpreters that are new for every call and yet warm.
 *
 * <p>A call becomes a {@code CallRequest}; the {@code InterpreterPool} of its interpreter takes an
 * idle {@code Slot} (a connection to a process that holds a forked child ready), sends the request,
 * and reads frames until the end: output goes line by line to the log of the call, the reply is
 * collected; {@code Replies} makes the outcome. Slots are forks of one zygote process per
 * interpreter; what those processes do is told in the resource {@code noetl_runner.py}. Calls that
 * need an interpreter started from nothing run as a {@code ColdCall}.
 *
 * <p>Between the lines: the zygote may die (a new one is started when a slot is needed; running
 * calls go on), a slot may die (an idle one is replaced unseen, a running call ends hard), the
 * child may die in any way (a soft error), the worker may die (every process below it sees its
 * connection close, and ends).
 *
 * <p>May import {@code tool}, {@code tool.process}, {@code tool.code} and what they may import.
 */
@NullMarked
package io.noetl.tool.python;

import org.jspecify.annotations.NullMarked;
