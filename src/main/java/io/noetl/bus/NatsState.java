package io.noetl.bus;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Health of the link. A change of state is logged once; errors in between are counted. */
final class NatsState {

  private static final Logger LOG = System.getLogger(NatsState.class.getName());

  private final InstantSource clock;
  private boolean connected;
  private boolean told;
  private Instant since;
  private @Nullable String lastError;
  private long connects;
  private long errors;

  NatsState(InstantSource clock) {
    this.clock = clock;
    this.since = clock.instant();
  }

  synchronized BusHealth health() {
    return new BusHealth(connected, since, lastError, connects, errors);
  }

  synchronized void up(String server) {
    connected = true;
    told = false;
    since = clock.instant();
    connects++;
    LOG.log(Level.INFO, "bus connected to {0}", server);
  }

  synchronized void down(String reason) {
    if (connected) {
      connected = false;
      since = clock.instant();
    }
    error(reason);
    if (!told) {
      told = true;
      LOG.log(Level.WARNING, "bus not connected, trying again until it is: {0}", lastError);
    }
  }

  synchronized void closed() {
    if (connected) {
      connected = false;
      since = clock.instant();
      LOG.log(Level.INFO, "bus closed");
    }
  }

  synchronized void error(@Nullable String reason) {
    errors++;
    // The library repeats addresses, with the passwords in them.
    lastError = NatsConfig.maskAddresses(String.valueOf(reason));
  }
}
