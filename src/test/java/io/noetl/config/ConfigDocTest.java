package io.noetl.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The table in docs/configuration.md is the one that {@code noetl print-config --all} prints. */
class ConfigDocTest {
  @Test
  void theDocumentHasEveryKeyAsTheRecordsHaveIt() throws Exception {
    assertThat(Files.readString(Path.of("docs/configuration.md")))
        .as("put the output of `noetl print-config --all` into docs/configuration.md")
        .contains(ConfigReference.markdown());
  }
}
