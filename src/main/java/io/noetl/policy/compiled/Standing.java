package io.noetl.policy.compiled;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a part stands on this server.
 *
 * @param on whether it has a source
 * @param version of the document that is in force here; 0 = none was compiled yet
 * @param source version of the source that it was made from
 * @param wanted version of the source that there is
 * @param compiler version of the playbook that made it
 * @param confirmedAt when a compilation last came to it
 * @param error why the latest compilation came to nothing, or the document cannot be read here
 * @param rules of the document
 * @param usable whether the document can be read by this server
 */
public record Standing(
    Part part,
    boolean on,
    int version,
    @Nullable Integer source,
    int wanted,
    @Nullable Integer compiler,
    String setBy,
    @Nullable Instant setAt,
    @Nullable Instant compiledAt,
    @Nullable Instant confirmedAt,
    @Nullable String error,
    @Nullable Long executionId,
    int rules,
    boolean usable) {

  static Standing off(Part part) {
    return new Standing(part, false, 0, null, 0, null, "", null, null, null, null, null, 0, true);
  }

  /** Whether there is a document, be it as old as it may. */
  public boolean compiled() {
    return on && confirmedAt != null;
  }
}
