package io.noetl.support;

/**
 * A part that runs between {@link #start} and {@link #close}. Both are called once, by the thread
 * that composes the process; {@code close} is also called after a {@code start} that failed half
 * way, and a second {@code close} does nothing.
 */
public interface Lifecycle extends AutoCloseable {
  /** Returns when the part works, or throws why it cannot. */
  void start();

  /** Stops the part and frees what it holds, within the time its composer grants. */
  @Override
  void close();
}
