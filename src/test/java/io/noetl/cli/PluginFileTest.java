package io.noetl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginFileTest {
  @TempDir Path folder;

  @Test
  void takesTheModuleOfAFolder() throws IOException {
    Files.writeString(folder.resolve("plugin.yaml"), "abi: noetl.v1");
    Files.write(folder.resolve("count.wasm"), new byte[] {0, 'a', 's', 'm'});

    PluginFile file = PluginFile.of("tools/count=" + folder);

    assertThat(file.path()).isEqualTo("tools/count");
    assertThat(file.bytes()).startsWith(0, 'a', 's', 'm');
  }

  @Test
  void takesAFileAsItIs() throws IOException {
    Path module = Files.write(folder.resolve("m.bin"), new byte[] {1});

    assertThat(PluginFile.of("p=" + module).bytes()).containsExactly(1);
  }

  @Test
  void refusesFolderWithoutOneModule() throws IOException {
    assertThatThrownBy(() -> PluginFile.of("p=" + folder))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("Expected one .wasm file")
        .hasMessageContaining("there are 0");

    Files.createFile(folder.resolve("a.wasm"));
    Files.createFile(folder.resolve("b.wasm"));

    assertThatThrownBy(() -> PluginFile.of("p=" + folder)).hasMessageContaining("there are 2");
  }

  @Test
  void refusesOtherForms() {
    for (String argument : new String[] {"path", "=folder", "path="}) {
      assertThatThrownBy(() -> PluginFile.of(argument))
          .as(argument)
          .isInstanceOf(UserError.class)
          .hasMessageContaining("--plugin PATH=FOLDER");
    }
    assertThatThrownBy(() -> PluginFile.of("p=" + folder.resolve("none.wasm")).bytes())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("there is no such file");
  }
}
