package io.noetl.playbook.value;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Section 15: what of large data stays beside its reference. */
final class OutputOptionsTest {
  private static final Map<String, @Nullable Object> DATA =
      Json.parseObject(
          """
          {"n": 3, "a": {"b": [{"c": 7}]}, "rows": [1, 2, 3], "text": "short"}
          """);

  private static OutputOptions of(String json) {
    return OutputOptions.of(Json.parseObject(json));
  }

  @Test
  void selectsByNameByPathAndUnderAnotherName() {
    OutputOptions options =
        of(
            """
            {"select": ["rows", "a.b", {"path": "$.a.b[0].c", "as": "c"},
                        {"path": "nothing.here", "as": "z"}, {"path": "$.rows[-1]", "as": "n"}]}
            """);

    assertThat(options.extracted(DATA))
        .isEqualTo(
            Json.parseObject(
                """
                {"n": 3, "text": "short", "rows": [1, 2, 3], "a.b": [{"c": 7}], "c": 7}
                """));
  }

  @Test
  void keepsSmallMembersThoughNobodySelectedThem() {
    assertThat(OutputOptions.NONE.extracted(DATA)).containsOnlyKeys("n", "text");
  }

  @Test
  void whatDescribesDataIsBounded() {
    Map<String, @Nullable Object> large = Json.parseObject("{}");
    for (int i = 0; i < 5_000; i++) {
      large.put("member number " + i, "x".repeat(100));
    }
    Map<String, @Nullable Object> described = OutputOptions.NONE.described(Map.of(), large);

    assertThat(described.containsKey("keys")).isFalse();
    assertThat(Json.bytes(described).length).isLessThan(6_000);
    assertThat(Json.bytes(described.get("preview")).length).isLessThanOrEqualTo(1_024);
    List<@Nullable Object> list = new ArrayList<>(large.values());
    assertThat(OutputOptions.NONE.described(Map.of(), list))
        .isEqualTo(Map.of("type", "array", "preview", "[5000 items]"));
  }

  @Test
  void optionsThatCannotBeReadAreIgnored() {
    assertThat(
            of(
                """
                {"select": 5, "store": {"kind": "s3", "ttl": "1h"}, "as": ""}
                """))
        .isEqualTo(new OutputOptions(true, List.of(), null, null, null, "s3", "1h", null, false));
    assertThat(OutputOptions.of(Map.of())).isEqualTo(OutputOptions.NONE);
  }

  @Test
  void aStepMayAskForSmallerEventsButNotForLargerOnes() {
    String data = "x".repeat(1_000);
    assertThat(of("{\"inline_max_bytes\": 100}").outOfLine(data, 65_536)).isTrue();
    assertThat(of("{\"inline_max_bytes\": 9000000}").outOfLine(data, 500)).isTrue();
    assertThat(OutputOptions.NONE.outOfLine(data, 1_002)).isFalse();
    assertThat(OutputOptions.NONE.outOfLine(data, 1_001)).isTrue();
    assertThat(OutputOptions.NONE.outOfLine("\u00e9".repeat(500), 1_001)).isTrue();
  }
}
