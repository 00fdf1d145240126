package io.noetl.policy;

import java.util.Locale;

/** What a rule says. */
public enum Effect {
  ALLOW,
  DENY;

  /** As documents write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
