package io.noetl.journal;

/**
 * A stored event that cannot be read. Nothing is decided about its execution until it is mended.
 */
public final class CorruptLogException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final long executionId;
  private final int seq;

  public CorruptLogException(long executionId, int seq, String type, String detail) {
    super(
        "Expected a readable event, but "
            + type
            + " is damaged: "
            + detail
            + " (execution="
            + executionId
            + ", seq="
            + seq
            + ")");
    this.executionId = executionId;
    this.seq = seq;
  }

  public long executionId() {
    return executionId;
  }

  public int seq() {
    return seq;
  }
}
