package io.noetl.mode;

import io.noetl.config.NoetlConfig;
import io.noetl.support.Lifecycle;

/** Puts roles together; what the command line needs to know about the wiring. */
public interface Roles {
  /**
   * The role, ready to be started.
   *
   * @throws IllegalArgumentException when a setting that this role needs is missing, saying which
   */
  Lifecycle role(Mode mode, NoetlConfig config);

  /** Every role in this process, ready to be started. */
  EmbeddedRuntime embedded();
}
