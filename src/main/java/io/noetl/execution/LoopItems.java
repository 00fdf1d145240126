package io.noetl.execution;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a loop runs over. Its size in memory does not grow with the number of items. */
public sealed interface LoopItems {

  /** How many there are. */
  int total();

  /** The numbers from 0 to {@code total - 1}. */
  record Numbers(int total) implements LoopItems {}

  /** A list that is short enough for an event. */
  record Listed(List<@Nullable Object> items) implements LoopItems {
    @Override
    public int total() {
      return items.size();
    }
  }

  /**
   * Pages in the result store, each a list of {@code perPage} items; the last may be shorter.
   *
   * @param uris of the pages, in order
   */
  record Paged(int total, int perPage, List<String> uris) implements LoopItems {
    public Paged {
      uris = List.copyOf(uris);
      if (perPage < 1 || (long) uris.size() * perPage < total) {
        throw new IllegalArgumentException(
            "Expected pages for " + total + " items, but got " + uris.size() + " of " + perPage);
      }
    }
  }
}
