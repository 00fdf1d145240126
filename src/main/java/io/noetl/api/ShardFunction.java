package io.noetl.api;

/** Maps an execution to its shard; the one that publisher and projector use. */
@FunctionalInterface
public interface ShardFunction {
  /**
   * @param shardCount 1 or more
   * @return from 0 to shardCount - 1
   */
  int shardOf(long executionId, int shardCount);
}
