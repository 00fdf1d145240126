package io.noetl.archive;

import io.noetl.envelope.Snowflake;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A folder that all servers see, with a folder per day so that none gets too large. */
public final class FolderStore implements ArchiveStore {
  private static final String SUFFIX = ".jsonl.gz";

  private final Path folder;

  public FolderStore(Path folder) {
    this.folder = folder;
  }

  /** Relative name of an execution's file: the day of its id, and the id. */
  static String name(long executionId) {
    String day = Snowflake.instantOf(executionId).toString().substring(0, 10).replace('-', '/');
    return day + "/" + executionId + SUFFIX;
  }

  private Path file(long executionId) {
    return folder.resolve(name(executionId));
  }

  private static Path parent(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent());
  }

  @Override
  public String place(long executionId) {
    return file(executionId).toString();
  }

  /** In the same folder, for a rename to be one step. */
  @Override
  public Path draft(long executionId) {
    Path file = file(executionId);
    try {
      return Files.createTempFile(
          Files.createDirectories(parent(file)), "." + executionId + "-", ".part");
    } catch (IOException e) {
      throw cannot("write", file, e);
    }
  }

  @Override
  public void keep(long executionId, Path draft) {
    Path file = file(executionId);
    try {
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel names = FileChannel.open(parent(file), StandardOpenOption.READ)) {
        names.force(true);
      }
    } catch (IOException e) {
      throw cannot("write", file, e);
    }
  }

  @Override
  public @Nullable Opened open(long executionId) {
    Path file = file(executionId);
    return Files.exists(file) ? new Opened(file, false) : null;
  }

  @Override
  public void delete(long executionId) {
    Path file = file(executionId);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw cannot("delete", file, e);
    }
  }

  private static ArchiveException cannot(String what, Path file, IOException e) {
    return new ArchiveException(
        "Expected to %s %s (archive.folder), but cannot: %s".formatted(what, file, e), e);
  }
}
