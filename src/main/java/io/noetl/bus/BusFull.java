package io.noetl.bus;

import org.jspecify.annotations.Nullable;

/**
 * The stream has reached its size limit and takes nothing. Try again when consumers have caught up.
 */
public final class BusFull extends BusException {

  BusFull(String message) {
    super(message, null);
  }

  BusFull(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
