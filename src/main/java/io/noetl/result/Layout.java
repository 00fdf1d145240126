package io.noetl.result;

import io.noetl.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * In which order the parts of an upload are the content; a part may come more than once.
 *
 * @param ranges in order
 */
public record Layout(List<Range> ranges) {
  /** Most ranges of one content. */
  private static final int MOST = 1_000;

  public Layout {
    ranges = List.copyOf(ranges);
    if (ranges.isEmpty() || ranges.size() > MOST) {
      throw new IllegalArgumentException(
          "Expected from 1 to " + MOST + " ranges of parts, but got " + ranges.size());
    }
  }

  /**
   * Parts that follow each other.
   *
   * @param first from 0
   * @param end the number after the last one
   */
  public record Range(int first, int end) {
    public Range {
      if (first < 0 || end < first) {
        throw new IllegalArgumentException(
            "Expected a range of parts such as [0, 3], but got [" + first + ", " + end + "]");
      }
    }
  }

  /** The parts in the order of the content. */
  Iterable<Integer> parts() {
    return () ->
        ranges.stream()
            .flatMap(range -> IntStream.range(range.first(), range.end()).boxed())
            .iterator();
  }

  /**
   * Reads pairs of numbers.
   *
   * @throws IllegalArgumentException when they are none
   */
  public static Layout of(@Nullable Object json) {
    List<Range> ranges = new ArrayList<>();
    if (json instanceof List<?> pairs) {
      for (Object pair : pairs) {
        if (!(pair instanceof List<?> two)
            || two.size() != 2
            || !(two.getFirst() instanceof Long first)
            || !(two.getLast() instanceof Long end)
            || first > Integer.MAX_VALUE
            || end > Integer.MAX_VALUE) {
          throw new IllegalArgumentException(
              "Expected layout to be a list of pairs of part numbers, but it has " + pair);
        }
        ranges.add(new Range(first.intValue(), end.intValue()));
      }
    }
    return new Layout(ranges);
  }

  /** The pairs as JSON. */
  byte[] json() {
    return Json.bytes(
        ranges.stream().map(range -> List.of((long) range.first(), (long) range.end())).toList());
  }
}
