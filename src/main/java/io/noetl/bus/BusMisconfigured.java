package io.noetl.bus;

import org.jspecify.annotations.Nullable;

/** The server or its settings do not fit. Trying again helps only after somebody changed them. */
public final class BusMisconfigured extends BusException {

  BusMisconfigured(String message) {
    super(message, null);
  }

  BusMisconfigured(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
