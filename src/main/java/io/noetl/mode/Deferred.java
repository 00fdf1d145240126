package io.noetl.mode;

import io.noetl.support.Lifecycle;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A part that can only be made when those before it have started, since it needs what they found: a
 * port, a connection, a machine number.
 */
final class Deferred<T extends Lifecycle> implements Lifecycle {
  private final Supplier<T> maker;
  private volatile @Nullable T part;

  Deferred(Supplier<T> maker) {
    this.maker = maker;
  }

  @Override
  public void start() {
    T made = maker.get();
    part = made;
    made.start();
  }

  /** The part, once started. */
  T get() {
    T made = part;
    if (made == null) {
      throw new IllegalStateException("Expected the part to be started, but it is not");
    }
    return made;
  }

  /** The part when it has started; null before. */
  @Nullable T ifStarted() {
    return part;
  }

  @Override
  public void close() {
    T made = part;
    if (made != null) {
      made.close();
    }
  }
}
