package io.noetl.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FreePortsTest {
  @Test
  void givesEachPortOnceAndNoneThatIsTaken() throws IOException {
    FreePorts ports = new FreePorts();
    Set<Integer> given = new HashSet<>();

    try (ServerSocket taken =
        new ServerSocket(new FreePorts().next(), 1, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 200; i++) {
        assertThat(given.add(ports.next())).isTrue();
      }

      assertThat(given).doesNotContain(taken.getLocalPort());
    }
    assertThat(given).allMatch(port -> port < 32_768);
  }
}
