package io.noetl.archive;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where files of executions are kept: a folder, or a bucket. Every file is there whole under its
 * name, or not at all. Safe for use by many threads, and by many servers at once.
 */
public interface ArchiveStore {
  /** Where the execution's file is, for people and in errors. */
  String place(long executionId);

  /**
   * A new, empty file of this process in which the execution is written down first. It belongs to
   * whoever asked, who removes it.
   *
   * @throws ArchiveException when there is no room for it
   */
  Path draft(long executionId);

  /**
   * Keeps a draft that is complete and synced. When the method returns, the file is durable and
   * everybody sees it; one that was there is replaced. The draft may be gone.
   *
   * @throws ArchiveException when it cannot be kept; nobody then sees a part of it
   */
  void keep(long executionId, Path draft);

  /**
   * The execution's file; null when there is none.
   *
   * @throws ArchiveException when the store does not answer, or not with the whole file
   */
  @Nullable Opened open(long executionId);

  /**
   * Removes the file; nothing happens when there is none.
   *
   * @throws ArchiveException when that fails
   */
  void delete(long executionId);

  /**
   * A file that can be read.
   *
   * @param temporary whether it is a copy that goes when it is closed
   */
  record Opened(Path file, boolean temporary) implements Closeable {
    @Override
    public void close() throws IOException {
      if (temporary) {
        Files.deleteIfExists(file);
      }
    }
  }
}
