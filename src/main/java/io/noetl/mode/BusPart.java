package io.noetl.mode;

import io.noetl.bus.Bus;
import io.noetl.support.Lifecycle;

/** The bus as a part of the process; it connects in the background. */
record BusPart(Bus bus) implements Lifecycle {
  @Override
  public void start() {
    // A bus connects by itself, and again whenever it must.
  }

  @Override
  public void close() {
    bus.close();
  }
}
