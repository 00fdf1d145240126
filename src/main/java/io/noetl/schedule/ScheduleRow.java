package io.noetl.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as its row has it.
 *
 * @param catalogId of the version that the row was made from
 * @param content text of that version
 * @param done every fire time up to here has been dealt with
 * @param next the first fire time after it; null = none, or disabled
 * @param error why the document cannot be read here, or null
 * @param now the database's clock when the row was read
 */
record ScheduleRow(
    String tenantId,
    String path,
    long catalogId,
    int version,
    String content,
    boolean enabled,
    Instant done,
    @Nullable Instant next,
    @Nullable String error,
    Instant now) {}
