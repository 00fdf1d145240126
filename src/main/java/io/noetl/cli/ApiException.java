package io.noetl.cli;

import java.util.List;

/** The server refused a call; the message is the server's own sentence with every fault. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;

  /**
   * @param status the HTTP status
   * @param code the server's stable word for the reason, empty when it gave none
   * @param faults each one line
   */
  ApiException(int status, String code, String message, List<String> faults) {
    super(faults.isEmpty() ? message : message + "\n  " + String.join("\n  ", faults));
    this.status = status;
    this.code = code;
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }
}
