package io.noetl.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of the loopback interface for processes that are about to start. They lie below those that
 * operating systems give to outgoing connections: one of these may take a port between the look and
 * the start. Safe for use by many threads.
 */
public final class FreePorts {
  private static final int FIRST = 20_000;

  /** Linux gives outgoing connections ports from 32768 on, others from 49152. */
  private static final int LAST = 32_000;

  private static final int TRIES = 1_000;

  private final Set<Integer> given = new HashSet<>();

  /**
   * A port on which nobody listens, and that was not given before.
   *
   * @throws IllegalStateException when none is found
   */
  public synchronized int next() {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      if (!given.contains(port) && free(port)) {
        given.add(port);
        return port;
      }
    }
    throw new IllegalStateException(
        "Expected a free port from %d to %d, but found none in %d tries"
            .formatted(FIRST, LAST, TRIES));
  }

  private static boolean free(int port) {
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException e) {
      // Somebody listens there.
      return false;
    }
  }
}
