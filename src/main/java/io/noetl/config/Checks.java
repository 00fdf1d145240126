package io.noetl.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with the fields of one record, so that all of it is said at once. */
final class Checks {
  private final String section;
  private final List<Fault> faults = new ArrayList<>();

  Checks(String section) {
    this.section = section;
  }

  Checks range(String name, long value, long least, long most) {
    return that(
        value >= least && value <= most,
        name,
        "Expected a number from " + least + " to " + most + ", but got " + value);
  }

  Checks range(String name, Duration value, Duration least, Duration most) {
    return that(
        value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
        name,
        "Expected a time from "
            + Texts.duration(least)
            + " to "
            + Texts.duration(most)
            + ", but got "
            + Texts.duration(value));
  }

  Checks bytes(String name, long value, long least, long most) {
    return that(
        value >= least && value <= most,
        name,
        "Expected a size from "
            + Texts.bytes(least)
            + " to "
            + Texts.bytes(most)
            + ", but got "
            + Texts.bytes(value));
  }

  Checks notBlank(String name, String value) {
    return that(!value.isBlank(), name, "Expected a text, but it is empty");
  }

  Checks that(boolean holds, String name, String problem) {
    if (!holds) {
      String key = section + "." + name;
      faults.add(new Fault(key, key, problem));
    }
    return this;
  }

  /**
   * @throws ConfigException when a check failed
   */
  void done() {
    if (!faults.isEmpty()) {
      throw new ConfigException(faults);
    }
  }
}
