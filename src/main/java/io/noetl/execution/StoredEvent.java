package io.noetl.execution;

import java.time.Instant;

/**
 * An event at its place in the log.
 *
 * @param seq position in the execution, from 1, dense
 * @param at when it was decided; order never depends on it
 */
public record StoredEvent(long eventId, int seq, Instant at, ExecutionEvent event) {}
