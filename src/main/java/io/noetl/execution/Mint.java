package io.noetl.execution;

import java.time.Instant;

/** Time and ids for one decision; both come from outside, so that the decision stays pure. */
public interface Mint {
  /** The time of the whole decision; does not change during it. */
  Instant now();

  /** A new unique id. */
  long nextId();
}
