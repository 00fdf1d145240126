package io.noetl.bus;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's version. {@link #MINIMUM} is the oldest that honours every setting used here: older
 * ones drop unknown settings in silence and refuse several filters.
 */
record NatsVersion(int major, int minor, int patch) implements Comparable<NatsVersion> {

  static final NatsVersion MINIMUM = new NatsVersion(2, 10, 27);

  private static final Pattern NUMBERS = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})");

  /** Reads the first {@code x.y.z} in the text, such as {@code nats-server: v2.10.27}. */
  static NatsVersion parse(String text) {
    Matcher numbers = NUMBERS.matcher(text);
    if (!numbers.find()) {
      throw new IllegalArgumentException(
          "Expected a version x.y.z, but it is '%s'".formatted(text.strip()));
    }
    return new NatsVersion(
        Integer.parseInt(numbers.group(1)),
        Integer.parseInt(numbers.group(2)),
        Integer.parseInt(numbers.group(3)));
  }

  boolean isSupported() {
    return compareTo(MINIMUM) >= 0;
  }

  @Override
  public int compareTo(NatsVersion other) {
    int byMajor = Integer.compare(major, other.major);
    if (byMajor != 0) {
      return byMajor;
    }
    int byMinor = Integer.compare(minor, other.minor);
    return byMinor != 0 ? byMinor : Integer.compare(patch, other.patch);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
