package io.noetl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadsTest {
  @TempDir Path folder;

  @Test
  void readsAValueAsJsonWhenItIsJsonAndElseAsText() {
    assertThat(
            Payloads.of(
                null, List.of("n=3", "b=true", "l=[1]", "name=Ada", "q=\"3\"", "e=", "x=a=b")))
        .isEqualTo(
            Map.of(
                "n",
                3L,
                "b",
                true,
                "l",
                List.of(1L),
                "name",
                "Ada",
                "q",
                "3",
                "e",
                "",
                "x",
                "a=b"));
  }

  @Test
  void singleMembersWinOverThePayload() throws Exception {
    Path file = Files.writeString(folder.resolve("input.json"), "{\"a\": 1, \"b\": {\"c\": 2}}");

    assertThat(Payloads.of("@" + file, List.of("a=9")))
        .isEqualTo(Map.of("a", 9L, "b", Map.of("c", 2L)));
    assertThat(Payloads.of("{\"a\": null}", List.of())).containsEntry("a", null);
  }

  @Test
  void saysWhatIsWrongWithTheInput() {
    assertThatThrownBy(() -> Payloads.of(null, List.of("name")))
        .isInstanceOf(UserError.class)
        .hasMessage("Expected --set name=value, but got --set name");
    assertThatThrownBy(() -> Payloads.of(null, List.of("a.b=1")))
        .hasMessageContaining("top-level name, but got 'a.b'");
    assertThatThrownBy(() -> Payloads.of("[1]", List.of()))
        .hasMessageContaining("Expected a JSON object in --payload, but");
    assertThatThrownBy(() -> Payloads.of("@/no/such", List.of()))
        .hasMessage("Expected to read /no/such, but there is no such file");
    assertThatThrownBy(() -> Payloads.of("@" + folder, List.of()))
        .hasMessageContaining("it is a folder");
  }
}
