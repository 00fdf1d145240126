package io.noetl.bench;

import io.noetl.bench.RawLimits.Limit;
import java.time.Duration;
import java.util.List;

/** placeholder until parts are written */
final class Parts {
  Parts(Stand stand, Duration length) {}

  record Measured(String mode, String limit, Load.Outcome outcome) {
    double ratio(Limit limit) {
      return outcome.rate() / limit.perSecond();
    }
  }

  List<Measured> measure(Workload workload) {
    throw new BenchException("not yet: " + workload);
  }
}
