package io.noetl.postgres;

/**
 * How full a connection pool is.
 *
 * @param max most connections it may hold
 * @param size connections it holds now
 * @param available of these, free ones
 * @param waiting callers that wait for one
 */
public record PoolStatus(int min, int max, int size, int available, int waiting) {}
