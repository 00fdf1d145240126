package io.noetl.archive;

/**
 * Brings the events of an execution back into the log. Asked by reads that found nothing. Safe for
 * many threads.
 */
@FunctionalInterface
public interface EventRecall {
  /** Where nothing was ever archived. */
  EventRecall NONE = _ -> false;

  /**
   * @return whether there are events now that were not there before: read again
   * @throws ArchiveException when they are archived, and the file cannot be read
   * @throws io.noetl.postgres.DatabaseException when the database fails
   */
  boolean recall(long executionId);
}
