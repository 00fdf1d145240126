package io.noetl.result;

/**
 * Limits of data out of line.
 *
 * @param resultBytes size of one result, and of the value of a loop when it is put together
 * @param cacheBytes JSON of results that a server keeps at hand
 * @param maxReferences stored results that one decision may touch
 */
public record ResultLimits(long resultBytes, long cacheBytes, int maxReferences) {
  public static final ResultLimits DEFAULT = new ResultLimits(64L << 20, 16L << 20, 256);

  public ResultLimits {
    if (resultBytes < 1 || cacheBytes < 0 || maxReferences < 1) {
      throw new IllegalArgumentException(
          "Expected limits.result-body and results.max-references to be at least 1 and"
              + " results.cache-bytes not to be negative, but got "
              + resultBytes
              + ", "
              + maxReferences
              + " and "
              + cacheBytes);
    }
  }
}
