package io.noetl.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file system of its own under a folder, from a sparse file, so that it can really be full.
 * Making one wants Linux, root and loop devices. For one thread.
 */
final class Volume implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Below this a file system counts as full. */
  private static final long FULL = 64 * 1024;

  private static final int BLOCK = 4096;

  private final Path folder;

  private Volume(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes it and mounts it.
   *
   * @param folder where it appears; made if missing
   * @param image the file that holds it; as large as what is stored, not as {@code bytes}
   * @throws UncheckedIOException when that is not permitted here
   */
  static Volume mount(Path folder, Path image, long bytes) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String file = image.toString();
    run("truncate", "--size=" + bytes, file);
    run(
        "mkfs.ext4",
        "-q",
        "-m",
        "0",
        "-T",
        "largefile",
        "-E",
        "nodiscard",
        "-O",
        "^has_journal",
        file);
    run("mount", "-o", "loop", file, folder.toString());
    return new Volume(folder);
  }

  /** Whether one can be made here; tries it. */
  static boolean possible(Path folder) {
    Path image = folder.resolve("try.img");
    Path point = folder.resolve("try");
    try (Volume volume = mount(point, image, 4 << 20)) {
      return Files.isDirectory(volume.folder);
    } catch (UncheckedIOException e) {
      return false;
    } finally {
      works("rm", "-rf", "--one-file-system", image.toString(), point.toString());
    }
  }

  /** Takes every byte that is left. */
  void fill() {
    try {
      long take = Files.getFileStore(folder).getUsableSpace();
      for (int i = 0; take >= BLOCK; i++) {
        // Others write meanwhile, and the file's own list of blocks wants some, too.
        if (!works("fallocate", "--length=" + take, ballast(i).toString())) {
          take /= 2;
        }
        take = Math.min(take, Files.getFileStore(folder).getUsableSpace());
      }
      fillRest();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void fillRest() throws IOException {
    byte[] block = new byte[BLOCK];
    try (OutputStream out = Files.newOutputStream(folder.resolve("ballast-rest"))) {
      for (int i = 0; i < FULL / BLOCK; i++) {
        out.write(block);
      }
    } catch (IOException e) {
      // There is no block left, which was the aim.
      if (Files.getFileStore(folder).getUsableSpace() > FULL) {
        throw e;
      }
    }
  }

  private Path ballast(int i) {
    return folder.resolve("ballast-" + i);
  }

  /** Gives back what {@link #fill} took. */
  void free() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "ballast-*")) {
      for (Path file : files) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String... command) {
    String fault = fault(command);
    if (fault != null) {
      throw new UncheckedIOException(
          new IOException("Expected " + String.join(" ", command) + " to work, but " + fault));
    }
  }

  private static boolean works(String... command) {
    return fault(command) == null;
  }

  /** Runs it; returns what it said when it failed, else null. */
  private static @Nullable String fault(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return "it did not end within " + PATIENCE.toSeconds() + " s";
      }
      // What such a program says fits into the pipe.
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.exitValue() == 0 ? null : said;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "it was interrupted";
    }
  }

  /** Also while something has a file open there: it goes when that ends. */
  @Override
  public void close() {
    run("umount", "--lazy", folder.toString());
  }
}
