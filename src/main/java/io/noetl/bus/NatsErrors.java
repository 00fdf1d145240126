package io.noetl.bus;

import io.nats.client.JetStreamApiException;

/** What an answer of the server means for whoever asked. */
final class NatsErrors {

  static final int STREAM_NOT_FOUND = 10059;
  static final int STREAM_NAME_IN_USE = 10058;

  // Both come with the code of a passing server error, and do not pass.
  private static final int STREAM_INVALID_CONFIG = 10052;
  private static final int INSUFFICIENT_STORAGE = 10047;

  private static final int STREAM_STORE_FAILED = 10077;
  private static final int INSUFFICIENT_RESOURCES = 10023;
  private static final int SERVER_ERRORS_FROM = 500;

  private NatsErrors() {}

  /** A stream or consumer could not be asked about, made or changed. */
  static BusException ofManagement(String what, JetStreamApiException e) {
    String message = "Expected %s, but the server answered: %s".formatted(what, e.getMessage());
    return switch (e.getApiErrorCode()) {
      case STREAM_NOT_FOUND -> new BusUnavailable(message, e);
      case STREAM_INVALID_CONFIG, INSUFFICIENT_STORAGE -> new BusMisconfigured(message, e);
      default ->
          e.getErrorCode() >= SERVER_ERRORS_FROM
              ? new BusUnavailable(message, e)
              : new BusMisconfigured(message, e);
    };
  }

  /** There was no answer, for the connection or the server is gone. */
  static BusUnavailable ofManagement(String what, Exception e) {
    return new BusUnavailable(
        "Expected %s, but the server did not answer: %s".formatted(what, e.getMessage()), e);
  }

  /** A message was not stored. */
  static BusException ofPublish(String subject, JetStreamApiException e) {
    String message =
        "Expected the message to be stored, but the server answered: %s (subject=%s)"
            .formatted(e.getMessage(), subject);
    if (e.getApiErrorCode() == STREAM_STORE_FAILED
        || e.getApiErrorCode() == INSUFFICIENT_RESOURCES) {
      return new BusFull(message, e);
    }
    return e.getErrorCode() >= SERVER_ERRORS_FROM
        ? new BusUnavailable(message, e)
        : new BusRefused(message, e);
  }
}
