package io.noetl.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArchiveFileTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678901Z");

  @TempDir private Path folder;

  private static ArchivedEvent event(int seq, String payload) {
    return new ArchivedEvent(seq, 100 + seq, "call.done", "acme", AT.plusMillis(seq), payload);
  }

  private Path written(List<ArchivedEvent> events) throws SQLException {
    Path file = folder.resolve("77.part");
    ArchiveFile.write(
        file,
        77,
        sink -> {
          for (ArchivedEvent event : events) {
            sink.accept(event);
          }
        });
    return file;
  }

  private static List<ArchivedEvent> read(Path file) throws SQLException {
    List<ArchivedEvent> events = new ArrayList<>();
    ArchiveFile.read(file, file.toString(), 77, events::add);
    return events;
  }

  @Test
  void readsWhatWasWrittenToTheLetter() throws SQLException {
    List<ArchivedEvent> events =
        List.of(
            event(1, "{\"z\":1, \"a\" : [1.50,\"\\u0000 \\u2028\"]}"),
            event(2, "{\"text\":\"line\\none \u00e9\ud83d\ude00\"}"));

    Path file = written(events);

    assertThat(read(file)).isEqualTo(events);
  }

  @Test
  void refusesAFileThatWasChanged() throws SQLException, IOException {
    Path file = written(List.of(event(1, "{\"n\":1}"), event(2, "{\"n\":2}")));
    rewrite(file, text -> text.replace("n\\\":1", "n\\\":9"));

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("checksum");
  }

  @Test
  void refusesAFileThatWasCutOff() throws SQLException, IOException {
    Path file = written(List.of(event(1, "{}"), event(2, "{}")));
    rewrite(file, text -> text.substring(0, text.lastIndexOf('\n', text.length() - 2) + 1));

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("its last line is missing");
  }

  @Test
  void refusesAFileOfAnotherExecution() throws SQLException {
    Path file = written(List.of(event(1, "{}")));

    assertThatThrownBy(() -> ArchiveFile.read(file, "the place", 78, _ -> {}))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("the place")
        .hasMessageContaining("first line");
  }

  @Test
  void saysWhichFileIsMissing() {
    Path file = folder.resolve("missing");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("execution 77")
        .hasMessageContaining(file.toString());
  }

  private static void rewrite(Path file, java.util.function.UnaryOperator<String> change)
      throws IOException {
    String text;
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String changed = change.apply(text);
    assertThat(changed).as("the change").isNotEqualTo(text);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(changed.getBytes(StandardCharsets.UTF_8));
    }
    Files.write(file, out.toByteArray());
  }
}
