package io.noetl.api;

import java.util.Locale;

/** Who may call a route. */
public enum AccessClass {
  /** Everybody: health and metrics. */
  OPEN,
  /** End users and their tools. */
  USER,
  /** Workers and the system pool. */
  WORKER,
  /** Whoever holds the internal token. */
  INTERNAL;

  /** The word in the contract. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
