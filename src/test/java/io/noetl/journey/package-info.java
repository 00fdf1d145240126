/**
 * Executions on their way through every role, in one process and in many, while processes are
 * killed, stopped and started. Nothing here looks inside a role: only at the API, at exit codes and
 * messages, and at the database through {@link io.noetl.testing.Invariants}.
 */
@NullMarked
package io.noetl.journey;

import org.jspecify.annotations.NullMarked;
