package io.noetl.archive;

import java.time.Duration;
import java.util.Optional;

/**
 * When and where events leave the log.
 *
 * @param store of the files, the same for all servers; empty: nothing is archived
 * @param after age of an execution, from its end
 * @param recalledFor how long events that were brought back stay
 * @param every pause between two looks when there is nothing to do
 * @param batch executions of one look
 */
public record ArchiveSettings(
    Optional<ArchiveStore> store,
    Duration after,
    Duration recalledFor,
    Duration every,
    int batch) {}
