package io.noetl.archive;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * One execution in a file: gzip over lines of JSON. The first line says which execution, then comes
 * a line per event, and the last has their number and the SHA-256 of all lines before it.
 */
final class ArchiveFile {
  private static final int FORMAT = 1;

  private ArchiveFile() {}

  /** Takes events one by one, in the order of their positions. */
  interface Sink {
    void accept(ArchivedEvent event) throws SQLException;
  }

  /** Hands events to the sink. */
  interface Source {
    void into(Sink sink) throws SQLException;
  }

  /**
   * Writes it; when the method returns, all of it is on disk.
   *
   * @param part the file, made before and empty
   */
  static void write(Path part, long executionId, Source source) throws SQLException {
    try {
      lines(part, executionId, source);
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.READ)) {
        channel.force(true);
      }
    } catch (IOException e) {
      throw new ArchiveException("Expected to write %s, but cannot: %s".formatted(part, e), e);
    }
  }

  private static void lines(Path part, long executionId, Source source)
      throws IOException, SQLException {
    MessageDigest digest = sha256();
    int[] events = {0};
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(part), 1 << 16)) {
      Map<String, @Nullable Object> head = new LinkedHashMap<>();
      head.put("format", FORMAT);
      head.put("execution_id", Long.toString(executionId));
      line(out, digest, head);
      Writing sink =
          event -> {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("seq", event.seq());
            line.put("event_id", Long.toString(event.eventId()));
            line.put("event_type", event.type());
            line.put("tenant_id", event.tenantId());
            line.put("created_at", event.createdAt().toString());
            line.put("payload", event.payload());
            line(out, digest, line);
            events[0]++;
          };
      source.into(sink.unchecked());
      Map<String, @Nullable Object> end = new LinkedHashMap<>();
      end.put("events", events[0]);
      end.put("sha256", HexFormat.of().formatHex(digest.digest()));
      out.write((Json.text(end) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private interface Writing {
    void accept(ArchivedEvent event) throws IOException;

    /** The database's side knows nothing of files. */
    default Sink unchecked() {
      return event -> {
        try {
          accept(event);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      };
    }
  }

  private static void line(
      OutputStream out, MessageDigest digest, Map<String, @Nullable Object> members)
      throws IOException {
    byte[] bytes = (Json.text(members) + "\n").getBytes(StandardCharsets.UTF_8);
    digest.update(bytes);
    out.write(bytes);
  }

  /**
   * Reads it from the first line to the last.
   *
   * @param place of the file, for errors: what is read may be a copy
   * @return how many events it has
   * @throws ArchiveException when it is of another execution, or is not whole. The sink may have
   *     got events before that: what it did with them must be undone
   */
  static int read(Path file, String place, long executionId, Sink sink) throws SQLException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file), 1 << 16),
                StandardCharsets.UTF_8))) {
      return events(reader, place, executionId, sink);
    } catch (IOException | JsonException | ClassCastException | DateTimeParseException e) {
      throw new ArchiveException(
          "Expected the archived events of execution %d in %s, but it cannot be read: %s"
              .formatted(executionId, place, e),
          e);
    }
  }

  private static int events(BufferedReader reader, String place, long executionId, Sink sink)
      throws IOException, SQLException {
    MessageDigest digest = sha256();
    int events = 0;
    boolean first = true;
    for (String text = reader.readLine(); text != null; text = reader.readLine()) {
      Map<String, @Nullable Object> line = Json.parseObject(text);
      if (line.containsKey("sha256")) {
        String sum = HexFormat.of().formatHex(digest.digest());
        if (!sum.equals(line.get("sha256"))
            || ((Number) require(line, "events")).intValue() != events) {
          throw damaged(place, "its checksum does not fit");
        }
        return events;
      }
      digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
      if (first) {
        if (!Long.toString(executionId).equals(line.get("execution_id"))
            || ((Number) require(line, "format")).intValue() != FORMAT) {
          throw damaged(place, "its first line is " + text);
        }
        first = false;
        continue;
      }
      sink.accept(event(line));
      events++;
    }
    throw damaged(place, "its last line is missing");
  }

  private static ArchivedEvent event(Map<String, @Nullable Object> line) {
    return new ArchivedEvent(
        ((Number) require(line, "seq")).intValue(),
        Long.parseLong((String) require(line, "event_id")),
        (String) require(line, "event_type"),
        (String) require(line, "tenant_id"),
        Instant.parse((String) require(line, "created_at")),
        (String) require(line, "payload"));
  }

  private static Object require(Map<String, @Nullable Object> line, String name) {
    Object value = line.get(name);
    if (value == null) {
      throw new JsonException("Expected a member " + name + ", but it is missing");
    }
    return value;
  }

  private static ArchiveException damaged(String place, String why) {
    return new ArchiveException(
        "Expected %s as it was written, but %s; restore it from a backup".formatted(place, why));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected every JDK to have SHA-256", e);
    }
  }
}
