package io.noetl.credential;

import io.noetl.config.CredentialsConfig;
import io.noetl.config.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The key of a process that brings everything itself: made once, kept beside its data, readable by
 * its owner only.
 */
public final class KeyFile {
  private static final String NAME = "credentials.key";

  private KeyFile() {}

  /** Where the key of this data folder is, or will be. */
  public static Path in(Path folder) {
    return folder.resolve(NAME);
  }

  /**
   * The key in the folder, which is made when there is none.
   *
   * @throws IllegalStateException when the file holds no key
   * @throws UncheckedIOException when it can be neither read nor written
   */
  public static Secret readOrMake(Path folder, SecureRandom random) {
    Path file = in(folder);
    try {
      if (!Files.exists(file)) {
        make(folder, file, random);
      }
      return checked(file, Files.readString(file).strip());
    } catch (IOException e) {
      throw new UncheckedIOException("The key of stored secrets is not usable: " + file, e);
    }
  }

  private static void make(Path folder, Path file, SecureRandom random) throws IOException {
    byte[] key = new byte[CredentialsConfig.KEY_BYTES];
    random.nextBytes(key);
    Files.createDirectories(folder);
    // Complete under another name first: a file that is half written would be a lost key.
    Path draft =
        Files.createTempFile(
            folder,
            NAME,
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.write(
          draft, (Base64.getEncoder().encodeToString(key) + "\n").getBytes(StandardCharsets.UTF_8));
      // A link, unlike a move, never replaces the key that another process has just made.
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      return; // its key is as good as ours
    } catch (UnsupportedOperationException e) {
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private static Secret checked(Path file, String text) {
    try {
      if (Base64.getDecoder().decode(text).length == CredentialsConfig.KEY_BYTES) {
        return new Secret(text);
      }
    } catch (IllegalArgumentException e) {
      throw unusable(file);
    }
    throw unusable(file);
  }

  private static IllegalStateException unusable(Path file) {
    return new IllegalStateException(
        "Expected "
            + file
            + " to hold 32 bytes in base64, the key of stored secrets, but it does not; put the"
            + " key back, or delete the file and store the secrets again");
  }
}
