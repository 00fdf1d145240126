package io.noetl.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder is a store. */
final class FolderStoreTest extends ArchiveStoreContract {
  @TempDir private Path folder;

  @Override
  ArchiveStore store() {
    return new FolderStore(folder);
  }

  @Test
  void leavesNothingButTheFile() throws Exception {
    write(store(), 77, List.of(event(1, "{}")));

    Path file = folder.resolve("2024/01/01/77.jsonl.gz");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }
}
