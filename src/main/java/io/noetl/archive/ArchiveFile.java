package io.noetl.archive;

import io.noetl.envelope.Snowflake;
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
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * One execution in a file: gzip over lines of JSON. The first line says which execution, then comes
 * a line per event, and the last has their number and the SHA-256 of all lines before it.
 */
final class ArchiveFile {
  private static final int FORMAT = 1;
  private static final String SUFFIX = ".jsonl.gz";

  private ArchiveFile() {}

  /** Takes events one by one, in the order of their positions. */
  interface Sink {
    void accept(ArchivedEvent event) throws SQLException;
  }

  /** Hands events to the sink. */
  interface Source {
    void into(Sink sink) throws SQLException;
  }

  /** Where the execution's file is: a folder per day of its id, so that none gets too large. */
  static Path of(Path folder, long executionId) {
    String day = Snowflake.instantOf(executionId).toString().substring(0, 10).replace('-', '/');
    return folder.resolve(day).resolve(executionId + SUFFIX);
  }

  /** Writes it whole or not at all; when the method returns, it is on disk under its name. */
  static void write(Path file, long executionId, Source source) throws SQLException {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    try {
      Files.createDirectories(folder);
      Path part = Files.createTempFile(folder, "." + executionId + "-", ".part");
      try {
        lines(part, executionId, source);
        sync(part);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(folder);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new ArchiveException(
          "Expected to write %s (archive.folder), but cannot: %s".formatted(file, e), e);
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

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new ArchiveException("Expected to delete %s, but cannot: %s".formatted(file, e), e);
    }
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Reads it from the first line to the last.
   *
   * @return how many events it has
   * @throws ArchiveException when it is missing, is of another execution, or is not whole. The sink
   *     may have got events before that: what it did with them must be undone
   */
  static int read(Path file, long executionId, Sink sink) throws SQLException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file), 1 << 16),
                StandardCharsets.UTF_8))) {
      return events(reader, file, executionId, sink);
    } catch (IOException | JsonException | ClassCastException | DateTimeParseException e) {
      throw new ArchiveException(
          "Expected the archived events of execution %d in %s, but it cannot be read: %s"
              .formatted(executionId, file, e),
          e);
    }
  }

  private static int events(BufferedReader reader, Path file, long executionId, Sink sink)
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
          throw damaged(file, "its checksum does not fit");
        }
        return events;
      }
      digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
      if (first) {
        if (!Long.toString(executionId).equals(line.get("execution_id"))
            || ((Number) require(line, "format")).intValue() != FORMAT) {
          throw damaged(file, "its first line is " + text);
        }
        first = false;
        continue;
      }
      sink.accept(event(line));
      events++;
    }
    throw damaged(file, "its last line is missing");
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

  private static ArchiveException damaged(Path file, String why) {
    return new ArchiveException(
        "Expected %s as it was written, but %s; restore it from a backup".formatted(file, why));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected every JDK to have SHA-256", e);
    }
  }
}
