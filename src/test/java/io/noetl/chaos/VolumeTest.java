package io.noetl.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full. */
final class VolumeTest {
  @TempDir Path folder;

  @Test
  void hasNoByteLeftUntilItIsFreed() throws Exception {
    assumeTrue(Volume.possible(folder), "no file system can be mounted here");
    Path point = folder.resolve("disk");
    try (Volume volume = Volume.mount(point, folder.resolve("disk.img"), 64 << 20)) {
      volume.fill();
      assertThatThrownBy(() -> Files.write(point.resolve("more"), new byte[100_000]))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left on device");

      volume.free();
      Files.write(point.resolve("more"), new byte[1_000_000]);
      assertThat(point.resolve("more")).hasSize(1_000_000);
    }
    assertThat(point).isEmptyDirectory();
  }
}
