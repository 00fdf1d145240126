package io.noetl.bus;

import org.jspecify.annotations.Nullable;

/** Something about the bus went wrong; the subtype says whether trying again helps. */
public abstract sealed class BusException extends RuntimeException
    permits BusUnavailable, BusFull, BusRefused, BusMisconfigured {

  private static final long serialVersionUID = 1L;

  BusException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
