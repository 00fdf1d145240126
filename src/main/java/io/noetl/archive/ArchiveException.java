package io.noetl.archive;

/** A file of the archive cannot be written or read, or is not what was written. */
public final class ArchiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ArchiveException(String message, Throwable cause) {
    super(message, cause);
  }

  ArchiveException(String message) {
    super(message);
  }
}
