package io.noetl.cli;

import java.util.logging.LogManager;

/**
 * Keeps the handlers until the process has ended. The JDK's own log manager takes them away in a
 * shutdown hook, beside the hook that closes the parts, whose last words would be lost.
 */
public final class PatientLogManager extends LogManager {
  private static final String CLEANER = "java.util.logging.LogManager$Cleaner";

  /** Made by the JDK, by name. */
  public PatientLogManager() {}

  @Override
  public void reset() {
    if (!Thread.currentThread().getClass().getName().equals(CLEANER)) {
      super.reset();
    }
  }
}
