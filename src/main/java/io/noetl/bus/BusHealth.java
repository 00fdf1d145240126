package io.noetl.bus;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a bus.
 *
 * @param connected whether messages can be sent and pulled now
 * @param since when {@code connected} last changed
 * @param lastError the last thing that went wrong, kept after it was mended; null if nothing did
 * @param connects how often a connection was made
 * @param errors how many errors were met, those that were not logged included
 */
public record BusHealth(
    boolean connected, Instant since, @Nullable String lastError, long connects, long errors) {}
