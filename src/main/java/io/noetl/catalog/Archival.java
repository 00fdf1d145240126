package io.noetl.catalog;

import java.util.List;

/** What became of archiving or restoring. */
public sealed interface Archival {

  /** Done for these versions; none when they were in that state before. */
  record Done(List<Version> versions) implements Archival {
    public Done {
      versions = List.copyOf(versions);
    }
  }

  /** A live execution pins the version. */
  record InUse(int version, long executionId) implements Archival {}

  /** There is no such path or version. */
  record Unknown() implements Archival {}

  record Version(long catalogId, int version) {}
}
