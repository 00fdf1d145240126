package io.noetl.schedule;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a schedule document says.
 *
 * @param path of the schedule itself
 * @param playbook path of what it starts
 * @param version of that; null = the newest at each fire time
 * @param payload of every execution
 * @param pool that all commands of the executions go to, or null
 * @param rhythm the expression or interval as written, for people
 * @param enabled whether it fires from its registration on
 */
record ScheduleSpec(
    String name,
    String path,
    String playbook,
    @Nullable Integer version,
    Map<String, @Nullable Object> payload,
    @Nullable String pool,
    Timetable times,
    Map<String, String> rhythm,
    Misfire misfire,
    Overlap overlap,
    boolean enabled) {
  ScheduleSpec {
    payload = Collections.unmodifiableMap(new LinkedHashMap<>(payload));
    rhythm = Collections.unmodifiableMap(new LinkedHashMap<>(rhythm));
  }
}
