package io.noetl.chaos;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Publishes every message of the platform once more, under another id, late and out of order, as a
 * bus may. Speaks the text protocol of NATS, which is a few lines.
 */
final class BusTap implements AutoCloseable {
  private static final String MARK = "Chaos-Copy: 1";

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final long latestMillis;
  private final SplittableRandom random;
  private final AtomicLong copies = new AtomicLong();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @param latest how late a copy is at most
   */
  BusTap(int port, Duration latest, SplittableRandom random) throws IOException {
    this.latestMillis = Math.max(1, latest.toMillis());
    this.random = random;
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
    send(
        """
        CONNECT {"verbose":false,"pedantic":false,"headers":true,"lang":"java","version":"1"}
        SUB noetl.events.> 1
        SUB noetl.commands.> 2
        """
            .replace("\n", "\r\n")
            .getBytes(StandardCharsets.UTF_8));
    threads.execute(this::run);
  }

  /** How many messages were published again. */
  long copies() {
    return copies.get();
  }

  private synchronized void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  private void run() {
    try {
      for (String line = line(); !line.isEmpty(); line = line()) {
        String[] words = line.split(" ");
        switch (words[0]) {
          case "PING" -> send("PONG\r\n".getBytes(StandardCharsets.UTF_8));
          case "MSG" -> in.readNBytes(Integer.parseInt(words[words.length - 1]) + 2);
          case "HMSG" -> copy(words);
          default -> {
            // INFO, PONG and the like ask for nothing.
          }
        }
      }
    } catch (IOException e) {
      // The server is gone, or this was closed: no more copies.
      threads.shutdown();
    }
  }

  private void copy(String[] words) throws IOException {
    int headerLength = Integer.parseInt(words[words.length - 2]);
    int total = Integer.parseInt(words[words.length - 1]);
    String headers = new String(in.readNBytes(headerLength), StandardCharsets.UTF_8);
    byte[] body = in.readNBytes(total - headerLength);
    in.readNBytes(2);
    if (headers.contains(MARK)) {
      return;
    }
    String other =
        headers
            .replaceFirst(
                "(?i)Nats-Msg-Id: [^\r]*", "Nats-Msg-Id: copy-" + copies.incrementAndGet())
            .replaceFirst("\r\n\r\n$", "\r\n" + MARK + "\r\n\r\n");
    byte[] head = other.getBytes(StandardCharsets.UTF_8);
    long late = random.nextLong(latestMillis);
    threads.execute(
        () -> {
          try {
            Thread.sleep(late);
            byte[] line =
                "HPUB %s %d %d\r\n"
                    .formatted(words[1], head.length, head.length + body.length)
                    .getBytes(StandardCharsets.UTF_8);
            byte[] message = new byte[line.length + head.length + body.length + 2];
            System.arraycopy(line, 0, message, 0, line.length);
            System.arraycopy(head, 0, message, line.length, head.length);
            System.arraycopy(body, 0, message, line.length + head.length, body.length);
            message[message.length - 2] = '\r';
            message[message.length - 1] = '\n';
            send(message);
          } catch (IOException e) {
            // One copy less.
            copies.decrementAndGet();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
