package io.noetl.cli;

/** The person can put it right; the message says how, and no stack trace is shown. */
final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UserError(String message) {
    super(message);
  }
}
