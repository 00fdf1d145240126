package io.noetl.bus;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Says hello like a server of some version, and nothing else. */
final class OldServer implements AutoCloseable {

  private final ServerSocket socket;
  private final String version;

  OldServer(String version) throws IOException {
    this.version = version;
    socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String url() {
    return "nats://127.0.0.1:" + socket.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        greet(client);
      } catch (IOException e) {
        // The client left, or the test is over.
        continue;
      }
    }
  }

  private void greet(Socket client) throws IOException {
    OutputStream out = client.getOutputStream();
    String info =
        """
        INFO {"server_id":"X","version":"%s","proto":1,"headers":true,"max_payload":1048576,\
        "jetstream":true}\r
        """
            .formatted(version);
    out.write(info.getBytes(StandardCharsets.US_ASCII));
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.startsWith("PING")) {
        out.write("PONG\r\n".getBytes(StandardCharsets.US_ASCII));
      }
    }
  }
}
