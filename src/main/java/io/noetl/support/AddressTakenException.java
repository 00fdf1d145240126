package io.noetl.support;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** The address to listen on is in use, or not one of this machine. */
public final class AddressTakenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param section of the settings that chose the address, such as {@code server}
   */
  public AddressTakenException(String host, int port, String section, String reason) {
    super(
        "Expected to listen on "
            + host
            + ":"
            + port
            + ", but "
            + reason
            + ". Does another process use it? Choose another with -D "
            + section
            + ".port=PORT (or "
            + section
            + ".host)");
  }

  /**
   * Binds and lets go again. A server library that meets a taken address in a thread of its own
   * only logs it, at length; this is asked before.
   *
   * @throws AddressTakenException when it cannot be bound now
   */
  public static void check(String host, int port, String section) {
    try (ServerSocket probe = new ServerSocket()) {
      // As the server itself will: connections of an earlier process may still be dying.
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(host, port));
    } catch (IOException e) {
      throw new AddressTakenException(host, port, section, String.valueOf(e.getMessage()));
    }
  }
}
