package io.noetl.bus;

import org.jspecify.annotations.Nullable;

/** The bus could not be reached in time. Try again with backoff; nothing is lost by it. */
public final class BusUnavailable extends BusException {

  BusUnavailable(String message) {
    super(message, null);
  }

  BusUnavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
