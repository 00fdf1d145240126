package io.noetl.bus;

import java.time.InstantSource;

class EmbeddedBusTest extends BusContract {

  @Override
  Bus emptyBus(BusLimits limits) {
    return new EmbeddedBus(limits, InstantSource.system());
  }
}
