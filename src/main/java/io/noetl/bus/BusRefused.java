package io.noetl.bus;

import org.jspecify.annotations.Nullable;

/** The bus will never take this one message, whatever its state. Others are not affected. */
public final class BusRefused extends BusException {

  BusRefused(String message) {
    super(message, null);
  }

  BusRefused(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
