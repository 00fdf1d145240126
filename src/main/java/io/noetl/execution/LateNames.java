package io.noetl.execution;

import io.noetl.playbook.template.Scope;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Names laid over a scope whose values are made when a template reads them. Many are never read,
 * and to make one may need data that is not at hand.
 */
final class LateNames implements Scope {
  private final Scope lower;
  private final Map<String, Supplier<@Nullable Object>> makers = new LinkedHashMap<>();

  LateNames(Scope lower) {
    this.lower = lower;
  }

  LateNames put(String name, Supplier<@Nullable Object> maker) {
    makers.put(name, maker);
    return this;
  }

  LateNames putUnlessDefined(String name, Supplier<@Nullable Object> maker) {
    return lower.has(name) ? this : put(name, maker);
  }

  @Override
  public boolean has(String name) {
    return makers.containsKey(name) || lower.has(name);
  }

  @Override
  public @Nullable Object get(String name) {
    Supplier<@Nullable Object> maker = makers.get(name);
    return maker == null ? lower.get(name) : maker.get();
  }

  @Override
  public Instant now() {
    return lower.now();
  }
}
