package io.noetl.api;

/** Who may call a route. */
public enum AccessClass {
  /** Everybody: health and metrics. */
  OPEN("open"),
  /** End users and their tools. */
  USER("user"),
  /** Workers and the system pool. */
  WORKER("worker"),
  /** What both need: users for themselves, workers for the commands that they hold. */
  SHARED("user, worker"),
  /** Whoever runs the installation, and whoever holds the internal token. */
  OPERATOR("operator"),
  /** Whoever holds the internal token: the parts of the installation among themselves. */
  INTERNAL("internal");

  private final String word;

  AccessClass(String word) {
    this.word = word;
  }

  /** The word in the contract. */
  String word() {
    return word;
  }
}
