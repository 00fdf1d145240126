package io.noetl.playbook.template;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names that a template sees. Implementations are immutable or confined to one thread for the
 * time of a rendering; looking a name up has no effect.
 */
public interface Scope {
  /** Whether the name is defined (it may be defined as null). */
  boolean has(String name);

  /**
   * The value of a defined name: a plain JSON value, a {@link TemplateObject}, or a {@link
   * LazyText}; null when undefined or null.
   */
  @Nullable Object get(String name);

  /** The time that {@code now()} shows. */
  Instant now();

  /** A scope without names. */
  Scope NONE = of(Map.of(), Instant.EPOCH);

  /** A scope that reads this map, and time {@code now}. The map is not copied. */
  static Scope of(Map<String, ? extends @Nullable Object> names, Instant now) {
    return new Scope() {
      @Override
      public boolean has(String name) {
        return names.containsKey(name);
      }

      @Override
      public @Nullable Object get(String name) {
        return names.get(name);
      }

      @Override
      public Instant now() {
        return now;
      }
    };
  }

  /** This scope with the names of {@code upper} laid over it. The map is not copied. */
  default Scope with(Map<String, ? extends @Nullable Object> upper) {
    Scope lower = this;
    return new Scope() {
      @Override
      public boolean has(String name) {
        return upper.containsKey(name) || lower.has(name);
      }

      @Override
      public @Nullable Object get(String name) {
        return upper.containsKey(name) ? upper.get(name) : lower.get(name);
      }

      @Override
      public Instant now() {
        return lower.now();
      }
    };
  }
}
