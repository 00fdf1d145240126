package io.noetl.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
  @TempDir private Path folder;

  @Test
  void makesOneForItsOwnerOnlyAndKeepsIt() throws IOException {
    Path data = folder.resolve("new").resolve("data");

    Secret made = KeyFile.readOrMake(data, new SecureRandom());

    assertThat(Base64.getDecoder().decode(made.reveal())).hasSize(32);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(KeyFile.in(data))))
        .isEqualTo("rw-------");
    assertThat(KeyFile.readOrMake(data, new SecureRandom())).isEqualTo(made);
    try (Stream<Path> files = Files.list(data)) {
      assertThat(files).containsExactly(KeyFile.in(data));
    }
  }

  @Test
  void refusesAFileThatHoldsNoKeyAndLeavesIt() throws IOException {
    Files.writeString(KeyFile.in(folder), "not a key\n");

    assertThatThrownBy(() -> KeyFile.readOrMake(folder, new SecureRandom()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(KeyFile.in(folder).toString())
        .hasMessageContaining("32 bytes in base64");
    assertThat(KeyFile.in(folder)).hasContent("not a key\n");
  }
}
