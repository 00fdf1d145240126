package io.noetl.mode;

import io.noetl.support.Lifecycle;

/**
 * Something that starts and closes in its own way, as a part.
 *
 * @param starting does nothing when there is nothing to start
 */
record Adapted(Runnable starting, Runnable closing) implements Lifecycle {
  @Override
  public void start() {
    starting.run();
  }

  @Override
  public void close() {
    closing.run();
  }
}
