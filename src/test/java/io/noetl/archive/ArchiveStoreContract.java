package io.noetl.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What every store of the archive must do. */
abstract class ArchiveStoreContract {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678901Z");

  abstract ArchiveStore store();

  static ArchivedEvent event(int seq, String payload) {
    return new ArchivedEvent(seq, 100 + seq, "call.done", "acme", AT.plusMillis(seq), payload);
  }

  /** Keeps these events of an execution. */
  static void write(ArchiveStore store, long executionId, List<ArchivedEvent> events)
      throws SQLException, IOException {
    Path draft = store.draft(executionId);
    try {
      ArchiveFile.write(
          draft,
          executionId,
          sink -> {
            for (ArchivedEvent event : events) {
              sink.accept(event);
            }
          });
      store.keep(executionId, draft);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  static List<ArchivedEvent> read(ArchiveStore store, long executionId)
      throws SQLException, IOException {
    List<ArchivedEvent> events = new ArrayList<>();
    try (ArchiveStore.Opened opened = Objects.requireNonNull(store.open(executionId))) {
      ArchiveFile.read(opened.file(), store.place(executionId), executionId, events::add);
    }
    return events;
  }

  @Test
  void readsWhatWasKeptToTheLetter() throws Exception {
    List<ArchivedEvent> events =
        List.of(event(1, "{\"z\":1, \"a\" : [1.50,\"\\u0000 \\u2028\"]}"), event(2, "{}"));

    write(store(), 77, events);

    assertThat(read(store(), 77)).isEqualTo(events);
    assertThat(store().place(77)).endsWith("2024/01/01/77.jsonl.gz");
  }

  @Test
  void hasNothingOfADraftUntilItIsKept() throws Exception {
    Path draft = store().draft(78);
    ArchiveFile.write(draft, 78, sink -> sink.accept(event(1, "{}")));

    assertThat(store().open(78)).isNull();

    store().keep(78, draft);
    assertThat(read(store(), 78)).hasSize(1);
    Files.deleteIfExists(draft);
  }

  @Test
  void keepsOneWholeFileOfTwoThatAreKept() throws Exception {
    write(store(), 79, List.of(event(1, "{}")));
    write(store(), 79, List.of(event(1, "{}"), event(2, "{\"n\":2}")));

    assertThat(read(store(), 79)).hasSize(2);
  }

  @Test
  void hasNoFileOfAnExecutionThatWasNeverKept() {
    assertThat(store().open(80)).isNull();
  }

  @Test
  void deletesAFileOnceAndDoesNothingForOneThatIsNotThere() throws Exception {
    write(store(), 81, List.of(event(1, "{}")));
    write(store(), 82, List.of(event(1, "{}")));

    store().delete(81);

    assertThat(store().open(81)).isNull();
    assertThat(read(store(), 82)).as("that of another").hasSize(1);
    assertThatCode(() -> store().delete(81)).doesNotThrowAnyException();
  }
}
