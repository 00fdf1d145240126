/**
 * Running one tool call: what an executor is given and what it gives back.
 *
 * <p>A pool hands a {@link ToolCall} to the {@link ToolExecutor} of its kind and gets an {@link
 * io.noetl.playbook.value.Outcome}. An executor never throws for something that the author of a
 * playbook can cause: that is an outcome, soft or hard. It stops soon after its thread is
 * interrupted (cancellation) or its deadline has passed. One sub-package per kind.
 *
 * <p>May import {@code playbook} and {@code json}; never the journal, the database or the HTTP API.
 */
@NullMarked
package io.noetl.tool;

import org.jspecify.annotations.NullMarked;
