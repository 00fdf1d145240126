package io.noetl.schedule;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Meters of schedules. */
public final class ScheduleMetrics {
  private final Map<Fire.State, Counter> fires = new EnumMap<>(Fire.State.class);

  public ScheduleMetrics(MeterRegistry registry) {
    for (Fire.State state : Fire.State.values()) {
      if (state != Fire.State.CLAIMED) {
        fires.put(
            state,
            Counter.builder("noetl.schedules.fires")
                .tag("outcome", state.name().toLowerCase(Locale.ROOT))
                .register(registry));
      }
    }
  }

  void fired(Fire.State state) {
    Counter counter = fires.get(state);
    if (counter != null) {
      counter.increment();
    }
  }
}
