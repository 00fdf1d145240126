package io.noetl.schedule;

import io.noetl.catalog.CatalogEntry;
import io.noetl.catalog.OtherKind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Schedules as documents of the catalog. Stateless. */
public final class ScheduleKind implements OtherKind {
  @Override
  public String kind() {
    return CatalogEntry.SCHEDULE;
  }

  @Override
  public Checked check(Map<String, @Nullable Object> document) {
    return switch (ScheduleReader.read(document)) {
      case ScheduleReader.Read(ScheduleSpec spec) -> new Accepted(spec.name(), spec.path());
      case ScheduleReader.Refused refused ->
          new Refused(
              refused.faults().stream()
                  .map(fault -> new Fault(fault.path(), fault.message()))
                  .toList());
    };
  }
}
