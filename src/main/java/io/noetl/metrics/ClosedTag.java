package io.noetl.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Meters that differ in one tag whose values are the constants of an enum: each series exists at 0
 * from the start, and no id can ever become a series.
 */
public final class ClosedTag {
  private ClosedTag() {}

  /** One counter for each constant, with the constant in lower case and hyphens as the value. */
  public static <E extends Enum<E>> Map<E, Counter> counters(
      MeterRegistry registry, String name, String description, String tag, Class<E> values) {
    return each(
        values,
        value ->
            Counter.builder(name)
                .description(description)
                .tag(tag, word(value))
                .register(registry));
  }

  /** One timer with a histogram for each constant. */
  public static <E extends Enum<E>> Map<E, Timer> timers(
      MeterRegistry registry, String name, String description, String tag, Class<E> values) {
    return each(
        values,
        value ->
            Timer.builder(name)
                .description(description)
                .tag(tag, word(value))
                .publishPercentileHistogram()
                .register(registry));
  }

  private static <E extends Enum<E>, M> Map<E, M> each(Class<E> values, Function<E, M> meter) {
    Map<E, M> meters = new EnumMap<>(values);
    for (E value : values.getEnumConstants()) {
      meters.put(value, meter.apply(value));
    }
    return meters;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
