package io.noetl.archive;

import java.time.Instant;

/**
 * An event as it is stored, in the log or in a file.
 *
 * @param payload JSON text, kept as it was written
 */
record ArchivedEvent(
    int seq, long eventId, String type, String tenantId, Instant createdAt, String payload) {}
