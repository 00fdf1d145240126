package io.noetl.cli;

import java.io.BufferedReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Cuts a stream of server-sent events into its events. Belongs to one thread. */
final class ServerSentEvents {
  private final BufferedReader lines;
  private final Runnable alive;

  /**
   * @param id of the event, or null
   * @param type {@code message} when the stream names none
   */
  record Event(@Nullable String id, String type, String data) {}

  /**
   * @param alive called for each line, comments included
   */
  ServerSentEvents(BufferedReader lines, Runnable alive) {
    this.lines = lines;
    this.alive = alive;
  }

  /**
   * @return the next event, or null when the stream has ended; an event that the end cuts off is
   *     dropped, as the standard says
   */
  @Nullable Event next() throws IOException {
    String id = null;
    String type = "message";
    StringBuilder data = null;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      alive.run();
      if (line.isEmpty()) {
        if (data != null) {
          return new Event(id, type, data.toString());
        }
        id = null;
        type = "message";
        continue;
      }
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      switch (field) {
        case "id" -> id = value;
        case "event" -> type = value;
        case "data" ->
            data = data == null ? new StringBuilder(value) : data.append('\n').append(value);
        default -> {
          // A comment, or the server's wish about reconnecting: the follower has its own pace.
        }
      }
    }
    return null;
  }
}
