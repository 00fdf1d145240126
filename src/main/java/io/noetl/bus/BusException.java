package io.noetl.bus;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Something about the bus went wrong; the subtype says whether trying again helps. */
public abstract sealed class BusException extends RuntimeException
    permits BusUnavailable, BusFull, BusRefused, BusMisconfigured {

  BusException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
