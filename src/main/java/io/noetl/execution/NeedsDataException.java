package io.noetl.execution;

/**
 * Ends a decision that touches data which was not handed in. No template catches it: it is neither
 * an error of the playbook nor of the system.
 */
final class NeedsDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String uri;
  private final boolean late;

  /**
   * @param late whether a worker should get the data, not the server
   */
  NeedsDataException(String uri, boolean late) {
    super(uri, null, false, false);
    this.uri = uri;
    this.late = late;
  }

  boolean late() {
    return late;
  }

  String uri() {
    return uri;
  }
}
