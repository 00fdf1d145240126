package io.noetl.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a network fails when it is told to. */
final class GateTest {
  private static final int PATIENCE_MILLIS = 5000;
  private static final int SHORT_MILLIS = 200;

  private ServerSocket server;
  private Gate gate;
  private Socket client;
  private Socket accepted;

  @BeforeEach
  void connect() throws IOException {
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    gate = new Gate("test", List.of(server.getLocalPort()));
    client = dial();
    accepted = server.accept();
    accepted.setSoTimeout(PATIENCE_MILLIS);
    accepted.setTcpNoDelay(true);
    // Once a byte is through, the gate knows the connection as one of those that a fault is about.
    assertThat(exchange(client, accepted, 1)).isEqualTo(1);
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    accepted.close();
    gate.close();
    server.close();
  }

  private Socket dial() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static int exchange(Socket from, Socket to, int value) throws IOException {
    from.getOutputStream().write(value);
    from.getOutputStream().flush();
    return to.getInputStream().read();
  }

  @Test
  void letsThroughBothWaysAndTellsTheEnd() throws IOException {
    assertThat(exchange(client, accepted, 7)).isEqualTo(7);
    assertThat(exchange(accepted, client, 8)).isEqualTo(8);

    client.shutdownOutput();

    assertThat(accepted.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void resetsWhatIsConnectedAndWhatConnectsWhileItIsCut() throws IOException {
    gate.cut();

    assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    try (Socket late = dial()) {
      assertThatThrownBy(() -> late.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    gate.open();
    try (Socket after = dial();
        Socket other = server.accept()) {
      other.setSoTimeout(PATIENCE_MILLIS);
      assertThat(exchange(after, other, 9)).isEqualTo(9);
    }
  }

  @Test
  void holdsBackInSilenceAndDeliversWhenItIsOver() throws IOException {
    gate.silence();
    client.getOutputStream().write(5);
    accepted.setSoTimeout(SHORT_MILLIS);
    assertThatThrownBy(() -> accepted.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);

    gate.open();

    accepted.setSoTimeout(PATIENCE_MILLIS);
    assertThat(accepted.getInputStream().read()).isEqualTo(5);
  }

  @Test
  void leavesTheClientOfAHalfOpenConnectionWithoutAWord() throws IOException {
    gate.halfOpen();

    assertThatThrownBy(() -> accepted.getInputStream().read()).isInstanceOf(SocketException.class);
    client.getOutputStream().write(1);
    client.setSoTimeout(SHORT_MILLIS);
    assertThatThrownBy(() -> client.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    try (Socket after = dial();
        Socket other = server.accept()) {
      other.setSoTimeout(PATIENCE_MILLIS);
      assertThat(exchange(after, other, 9)).as("a new connection").isEqualTo(9);
    }
  }

  @Test
  void delaysEachPacket() throws IOException {
    gate.delay(Duration.ofMillis(150));
    long begun = System.nanoTime();

    assertThat(exchange(client, accepted, 3)).isEqualTo(3);

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(140));
  }

  @Test
  void goesToTheNextAddressThatAnswers() throws IOException {
    int nobody;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = gone.getLocalPort();
    }
    try (Gate both = new Gate("both", List.of(nobody, server.getLocalPort()));
        Socket one = new Socket(InetAddress.getLoopbackAddress(), both.port());
        Socket other = server.accept()) {
      other.setSoTimeout(PATIENCE_MILLIS);
      assertThat(exchange(one, other, 4)).isEqualTo(4);
    }
  }
}
