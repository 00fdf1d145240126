package io.noetl.cli;

/** Exit codes; scripts depend on them. */
final class Exit {
  /** All went well; of an execution: COMPLETED. */
  static final int OK = 0;

  /** The execution ended FAILED or CANCELLED; the playbook is invalid. */
  static final int FAILED = 1;

  /** Wrong usage or settings, an unreadable file, or a server or database out of reach. */
  static final int USAGE = 2;

  /** A bug: please report it. */
  static final int BUG = 3;

  /** Ended by Ctrl-C. */
  static final int INTERRUPTED = 130;

  private Exit() {}
}
