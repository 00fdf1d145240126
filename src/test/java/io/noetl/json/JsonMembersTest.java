package io.noetl.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class JsonMembersTest {
  private static final Set<String> NAMES = Set.of("id", "seq");

  private static Map<String, Object> members(String json) {
    return Json.members(json.getBytes(StandardCharsets.UTF_8), NAMES);
  }

  @Test
  void findsMembersAmongOthersOfAnyKind() {
    assertThat(members("{\"a\":{\"id\":1},\"id\":\"x\",\"b\":[1,[2]],\"seq\":7,\"c\":null}"))
        .isEqualTo(Map.of("id", "x", "seq", 7L));
  }

  @Test
  void readsNoFurtherThanTheLastOfThem() {
    assertThat(members("{\"seq\":7,\"id\":\"x\", what follows is no JSON"))
        .isEqualTo(Map.of("id", "x", "seq", 7L));
  }

  @Test
  void givesThoseThatAreThere() {
    assertThat(members("{\"seq\":7}")).isEqualTo(Map.of("seq", 7L));
    assertThat(members("{}")).isEmpty();
  }

  @Test
  void refusesWhatDoesNotBeginWithAnObject() {
    assertThatThrownBy(() -> members("[1]")).isInstanceOf(JsonException.class);
    assertThatThrownBy(() -> members("")).isInstanceOf(JsonException.class);
    assertThatThrownBy(() -> members("{\"a\":")).isInstanceOf(JsonException.class);
    assertThatThrownBy(() -> members("{\"a\" 1}")).isInstanceOf(JsonException.class);
  }
}
