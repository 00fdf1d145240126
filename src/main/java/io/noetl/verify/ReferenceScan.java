package io.noetl.verify;

import io.noetl.execution.ResultUris;
import io.noetl.execution.ResultUris.Address;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the results that the events of one execution refer to. For one thread. */
final class ReferenceScan {
  private static final String REFERENCE = "noetl://execution/";

  /** The name is escaped as in an address, so neither a quote nor a backslash is part of it. */
  private static final Pattern URI =
      Pattern.compile("\"(noetl://execution/\\d{1,19}/result/[^/\"\\\\]{1,1000}/\\d{1,19})\"");

  private final long executionId;
  private final Set<Long> own = new HashSet<>();
  private final List<Address> others = new ArrayList<>();

  ReferenceScan(long executionId) {
    this.executionId = executionId;
  }

  /** Takes in an event, as it is stored: most refer to nothing, and need not be read for that. */
  void scan(String payload) {
    int from = payload.indexOf(REFERENCE);
    if (from < 1) {
      return;
    }
    Matcher matcher = URI.matcher(payload);
    for (boolean found = matcher.find(from - 1); found; found = matcher.find()) {
      Address address = ResultUris.parse(matcher.group(1));
      if (address != null && address.executionId() == executionId) {
        own.add(address.id());
      } else if (address != null) {
        others.add(address);
      }
    }
  }

  /** Ids of results of the execution itself. */
  Set<Long> own() {
    return own;
  }

  /** Results of other executions, as often as they are named. */
  List<Address> others() {
    return others;
  }
}
