package io.noetl.execution;

import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Signals of one execution. Immutable.
 *
 * @param kept signals that no step has waited for yet, the oldest first
 * @param seen names and keys of the newest signals that had a key, the oldest first
 */
public record Signals(PVector<Kept> kept, PVector<Seen> seen) {
  /**
   * Keys that are remembered. What is folded may not depend on a setting, so this is none: a signal
   * is taken for new once so many others with a key came after it.
   */
  static final int SEEN = 1_000;

  static final Signals NONE = new Signals(TreePVector.empty(), TreePVector.empty());

  /** A signal that nobody has waited for yet. */
  public record Kept(String name, @Nullable Object data, @Nullable String key) {}

  /** A signal that came with a key. */
  public record Seen(String name, String key) {}

  /** Whether a signal of this name with this key has come. */
  boolean repeats(String name, @Nullable String key) {
    return key != null && seen.contains(new Seen(name, key));
  }

  /** The oldest one with this name; null when there is none. */
  @Nullable Kept first(String name) {
    for (Kept signal : kept) {
      if (signal.name().equals(name)) {
        return signal;
      }
    }
    return null;
  }

  Signals with(ExecutionEvent.SignalReceived signal) {
    PVector<Seen> keys = seen;
    if (signal.key() != null) {
      keys = keys.plus(new Seen(signal.name(), signal.key()));
      if (keys.size() > SEEN) {
        keys = keys.minus(0);
      }
    }
    return new Signals(kept.plus(new Kept(signal.name(), signal.data(), signal.key())), keys);
  }

  /** Without the oldest one with this name: a step has got it. */
  Signals taken(String name) {
    Kept first = first(name);
    return first == null ? this : new Signals(kept.minus(kept.indexOf(first)), seen);
  }
}
