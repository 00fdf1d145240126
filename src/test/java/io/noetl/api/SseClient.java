package io.noetl.api;

import io.noetl.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads an event stream off a bare socket, frame by frame, so that a test sees every byte. */
final class SseClient implements AutoCloseable {
  private final Socket socket;
  private final BufferedReader in;
  final String head;

  /** One frame; comments have only {@code comment}. */
  record Frame(
      @Nullable String id,
      @Nullable String event,
      @Nullable String data,
      @Nullable String comment,
      @Nullable String retry) {
    Map<String, @Nullable Object> json() {
      return Json.parseObject(String.valueOf(data));
    }
  }

  /**
   * @param lastEventId null = from the beginning
   * @param receiveBuffer small for a reader that does not keep up; 0 = the usual one
   */
  SseClient(String url, String path, @Nullable String lastEventId, int receiveBuffer)
      throws IOException {
    URI uri = URI.create(url);
    socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new java.net.InetSocketAddress(uri.getHost(), uri.getPort()));
    socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
    OutputStream out = socket.getOutputStream();
    String request =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nConnection: close\r\n"
            + (lastEventId == null ? "" : "Last-Event-ID: " + lastEventId + "\r\n")
            + "\r\n";
    out.write(request.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder headers = new StringBuilder();
    String line;
    while ((line = in.readLine()) != null && !line.isEmpty()) {
      headers.append(line).append('\n');
    }
    head = headers.toString();
  }

  /** The next frame; null at the end of the stream. */
  @Nullable Frame next() throws IOException {
    String id = null;
    String event = null;
    String data = null;
    String comment = null;
    String retry = null;
    String line;
    while ((line = in.readLine()) != null) {
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        event = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      } else if (line.startsWith("retry: ")) {
        retry = line.substring(7);
      } else if (line.startsWith(":")) {
        comment = line.substring(1);
      } else if (line.isEmpty()
          && (id != null || event != null || data != null || comment != null || retry != null)) {
        return new Frame(id, event, data, comment, retry);
      }
      // What is left are the lengths of chunks.
    }
    return null;
  }

  /** The next frame that carries an event of the execution or its end. */
  @Nullable Frame nextEvent() throws IOException {
    Frame frame = next();
    while (frame != null && frame.event() == null) {
      frame = next();
    }
    return frame;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
