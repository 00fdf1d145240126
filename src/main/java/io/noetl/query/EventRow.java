package io.noetl.query;

import java.time.Instant;

/**
 * One event as it is stored.
 *
 * @param payload members of the envelope beside its columns, as JSON text
 */
public record EventRow(
    long executionId, int seq, long eventId, String type, Instant createdAt, String payload) {}
