package io.noetl.archive;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * When and where events leave the log.
 *
 * @param folder of the files; all servers must see the same one. Empty: nothing is archived
 * @param after age of an execution, from its end
 * @param recalledFor how long events that were brought back stay
 * @param every pause between two looks when there is nothing to do
 * @param batch executions of one look
 */
public record ArchiveSettings(
    Optional<Path> folder, Duration after, Duration recalledFor, Duration every, int batch) {}
