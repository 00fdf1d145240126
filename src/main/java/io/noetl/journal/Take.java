package io.noetl.journal;

/**
 * A worker's offer to run what a decision issues next.
 *
 * @param max how many commands it has room for
 */
public record Take(String workerId, String pool, int max) {}
