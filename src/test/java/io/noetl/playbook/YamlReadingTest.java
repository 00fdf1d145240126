package io.noetl.playbook;

import static io.noetl.playbook.Parsing.HEADER;
import static io.noetl.playbook.Parsing.invalid;
import static io.noetl.playbook.Parsing.playbook;
import static io.noetl.playbook.Parsing.valid;
import static io.noetl.playbook.Parsing.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How text becomes values. */
@Rule("2.1")
class YamlReadingTest {
  private static final String NOOP = "workflow: [{step: start, tool: {kind: noop}}]\n";

  private static @Nullable Object value(String yaml) {
    return playbook(NOOP + "workload:\n  v: " + yaml + "\n").workload().get("v");
  }

  private static Map<String, @Nullable Object> workload(String yaml) {
    return playbook(NOOP + "workload:\n" + yaml.indent(2)).workload();
  }

  @Test
  void keepsScalarTypes() {
    assertThat(value("1")).isEqualTo(1L);
    assertThat(value("-12")).isEqualTo(-12L);
    assertThat(value("+3")).isEqualTo(3L);
    assertThat(value("1.5")).isEqualTo(1.5);
    assertThat(value(".5")).isEqualTo(0.5);
    assertThat(value("1e3")).isEqualTo(1000.0);
    assertThat(value("true")).isEqualTo(true);
    assertThat(value("False")).isEqualTo(false);
    for (String nothing : List.of("null", "~", "Null", "NULL", "")) {
      assertThat(value(nothing)).isNull();
    }
    assertThat(value("'1'")).isEqualTo("1");
    assertThat(value("\"true\"")).isEqualTo("true");
    assertThat(value("some words")).isEqualTo("some words");
  }

  @Test
  void readsBigIntegersExactly() {
    assertThat(value("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
    assertThat(value("9223372036854775808")).isEqualTo(new BigInteger("9223372036854775808"));
    assertThat(value("9".repeat(1001))).isEqualTo("9".repeat(1001));
  }

  @Test
  void readsHexAndOctalOfTheNewerSort() {
    assertThat(value("0x1F")).isEqualTo(31L);
    assertThat(value("0o17")).isEqualTo(15L);
  }

  @Test
  void readsDigitsWithLeadingZeroAsTextAndSaysSo() {
    assertThat(value("007")).isEqualTo("007");
    assertThat(value("0755")).isEqualTo("0755");
    assertThat(warnings(NOOP + "workload: {v: 007}")).containsExactly("yaml.number.leading-zero");
    assertThat(warnings(NOOP + "workload: {v: '007', 007: x}")).isEmpty();
  }

  @Test
  void readsWordsOfYaml11AsText() {
    for (String word : List.of("yes", "no", "on", "off", "Yes", "NO", "On", "OFF", "y", "n")) {
      assertThat(value(word)).isEqualTo(word);
    }
    assertThat(workload("on: 1\noff: 2\nyes: 3\nno: 4"))
        .containsExactly(
            Map.entry("on", 1L), Map.entry("off", 2L), Map.entry("yes", 3L), Map.entry("no", 4L));
  }

  @Test
  void readsTimestampsAndOddNumbersAsText() {
    for (String text :
        List.of(
            "2024-01-01",
            "2024-01-01T10:00:00Z",
            "2024-01-01 10:00:00",
            "12:30:45",
            "1_000",
            ".inf",
            "-.inf",
            ".nan",
            "1e999",
            "0b101",
            "1.2.3")) {
      assertThat(value(text)).isEqualTo(text);
    }
  }

  @Test
  void turnsKeysIntoText() {
    assertThat(workload("1: a\n1.50: b\ntrue: c\nnull: d\n2024-01-01: e"))
        .containsExactly(
            Map.entry("1", "a"),
            Map.entry("1.50", "b"),
            Map.entry("true", "c"),
            Map.entry("null", "d"),
            Map.entry("2024-01-01", "e"));
  }

  @Test
  void followsAnchorsAndAliases() {
    assertThat(workload("a: &x {k: [1]}\nb: *x\nc: &s text\nd: *s"))
        .isEqualTo(
            Map.of(
                "a",
                Map.of("k", List.of(1L)),
                "b",
                Map.of("k", List.of(1L)),
                "c",
                "text",
                "d",
                "text"));
  }

  @Test
  void mergesMapsUnderOwnMembers() {
    assertThat(workload("base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}").get("one"))
        .isEqualTo(Map.of("x", 1L, "y", 3L));
    assertThat(
            workload(
                    """
                    a: &a {x: 1}
                    b: &b {x: 2, y: 2}
                    m:
                      y: 9
                      <<: [*a, *b]
                    """)
                .get("m"))
        .isEqualTo(Map.of("x", 1L, "y", 9L));
    assertThat(workload("m: {'<<': 1}").get("m")).isEqualTo(Map.of("<<", 1L));
  }

  @Test
  void refusesBadMergesAndAliases() {
    assertThat(fault("workload: {<<: 3}"))
        .isEqualTo("Invalid YAML: '<<' expects a map or a list of maps, but got a number");
    assertThat(fault("workload: {a: *nope}")).isEqualTo("Invalid YAML: alias 'nope' has no anchor");
    assertThat(fault("workload: &a {b: *a}")).isEqualTo("Invalid YAML: alias 'a' contains itself");
  }

  private static String fault(String body) {
    Diagnostic fault = Parsing.error(NOOP + body);
    assertThat(fault.httpStatus()).isEqualTo(400);
    assertThat(fault.line()).isEqualTo(5);
    return fault.message();
  }

  @Test
  void takesTheLastOfDuplicateKeysWithAWarning() {
    ParseResult.Valid result =
        valid(HEADER + NOOP + "workload:\n  a: 1\n  b: {c: 1, c: 2}\n  a: 3");
    assertThat(result.playbook().workload()).isEqualTo(Map.of("a", 3L, "b", Map.of("c", 2L)));
    assertThat(result.warnings()).extracting(Diagnostic::rule).containsOnly("yaml.key.duplicate");
    assertThat(result.warnings()).extracting(Diagnostic::line).containsExactly(7, 8);
    assertThat(result.warnings())
        .extracting(Diagnostic::path)
        .containsExactly("workload.b.c", "workload.a");
    assertThat(result.warnings().getLast().message())
        .isEqualTo("duplicate key 'a' (first at line 6); the last one wins");
  }

  @Test
  void appliesStandardTagsAndIgnoresOthers() {
    assertThat(value("!!str 12")).isEqualTo("12");
    assertThat(value("!!int '12'")).isEqualTo(12L);
    assertThat(value("!!float 3")).isEqualTo(3.0);
    assertThat(value("!!binary aGk=")).isEqualTo("aGk=");
    assertThat(value("! 12")).isEqualTo("12");
    assertThat(value("!secret x")).isEqualTo("x");
    assertThat(value("!!python/object:os.system {a: 1}")).isEqualTo(Map.of("a", 1L));
    assertThat(warnings(NOOP + "workload: {v: !secret x}")).containsExactly("yaml.tag.ignored");
  }

  @Test
  void takesUnquotedTemplateAsKeyWithAWarning() {
    assertThat(warnings(NOOP + "workload: {v: {{ x }}}")).containsExactly("yaml.key.complex");
  }

  @Test
  void hintsAtUnquotedTemplates() {
    Diagnostic fault = Parsing.error(NOOP + "workload:\n  v: {{ x }}/y\n");
    assertThat(fault.hint()).contains("quote values that start with template text");
    assertThat(fault.line()).isEqualTo(6);
  }

  @Test
  void hintsAtTabsQuotesAndColons() {
    assertThat(Parsing.error(NOOP + "workload:\n\ta: 1").hint()).contains("indent with spaces");
    Diagnostic quote = Parsing.error(NOOP + "workload:\n  a: \"open\n  b: 1\n");
    assertThat(quote.hint()).isEqualTo("the quote that opens here is never closed");
    assertThat(quote.line()).isEqualTo(6);
    assertThat(quote.column()).isEqualTo(6);
    assertThat(Parsing.error(NOOP + "workload:\n  a: b: c").hint()).contains("quote text");
  }

  @Test
  void refusesCharactersThatYamlForbids() {
    Diagnostic fault = Parsing.error(NOOP + "workload: {a: \"x\u0007\"}");
    assertThat(fault.message()).isEqualTo("Invalid YAML: the character U+0007 is not allowed");
    assertThat(fault.line()).isEqualTo(5);
    assertThat(fault.column()).isEqualTo(17);
  }

  @Test
  void takesOneDocumentOnly() {
    valid("---\n" + HEADER + NOOP + "...\n");
    valid(HEADER + NOOP + "---\n");
    Diagnostic fault = Parsing.error(NOOP + "---\nx: 1\n");
    assertThat(fault.message()).isEqualTo("Invalid YAML: more than one document");
    assertThat(fault.line()).isEqualTo(6);
  }

  @Test
  void keepsNullsAndOrder() {
    Map<String, @Nullable Object> expected = new HashMap<>();
    expected.put("z", null);
    expected.put("a", Arrays.asList(null, 1L));
    Map<String, @Nullable Object> workload = workload("z:\na: [~, 1]");
    assertThat(workload).isEqualTo(expected);
    assertThat(workload.keySet()).containsExactly("z", "a");
  }

  @Test
  void readsTextOfAllPlanesAndLineEndings() {
    assertThat(value("\"añ漢😀\"")).isEqualTo("añ漢😀");
    assertThat(valid((HEADER + NOOP).replace("\n", "\r\n")).playbook().name()).isEqualTo("t");
    String text = "\uFEFF" + HEADER + NOOP;
    assertThat(valid(text).text()).isEqualTo(text);
  }

  @Test
  void decodesBase64OfEitherAlphabet() {
    String text = "# ünï?>~\n\n" + HEADER + NOOP;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (Base64.Encoder encoder :
        List.of(
            Base64.getEncoder(),
            Base64.getUrlEncoder(),
            Base64.getUrlEncoder().withoutPadding(),
            Base64.getMimeEncoder())) {
      ParseResult.Valid result = valid(encoder.encodeToString(bytes));
      assertThat(result.text()).isEqualTo(text);
    }
  }

  @Test
  void takesOtherBase64AsText() {
    String sent = Base64.getEncoder().encodeToString("metadata: {name: x}\n".getBytes());
    Diagnostic fault = invalid(sent).errors().getFirst();
    assertThat(fault.message()).isEqualTo("Invalid YAML: the document must be a map, but is text");
    assertThat(fault.hint()).contains("base64");
  }
}
