package io.noetl.catalog;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A kind of document besides playbooks that the catalog keeps; implemented where the kind is
 * understood. Safe for use by many threads.
 */
public interface OtherKind {
  /** The word in {@code kind:} of the document. */
  String kind();

  /** Whether a document may be registered. */
  Checked check(Map<String, @Nullable Object> document);

  /** What a check came to. */
  sealed interface Checked {}

  /**
   * It may be registered.
   *
   * @param path under which it is kept
   */
  record Accepted(String name, String path) implements Checked {}

  /**
   * It may not.
   *
   * @param faults all of them
   */
  record Refused(List<Fault> faults) implements Checked {
    public Refused {
      faults = List.copyOf(faults);
    }
  }

  /**
   * One thing that is wrong.
   *
   * @param path names of members, with dots between them
   */
  record Fault(String path, String message) {}
}
