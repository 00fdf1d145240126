package io.noetl.tool.container;

/** The cluster has refused something, or did not answer. */
final class ClusterException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status of the answer; 0 = there was none
   */
  ClusterException(String message, int status, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /** Whether the same request may be answered otherwise later. */
  boolean passing() {
    return status == 0 || status == 408 || status == 429 || status >= 500;
  }

  int status() {
    return status;
  }
}
