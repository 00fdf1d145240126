package io.noetl.playbook;

import static io.noetl.playbook.Parsing.HEADER;
import static io.noetl.playbook.Parsing.invalid;
import static io.noetl.playbook.Parsing.valid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Documents at a limit pass, above it they are refused by the name of the limit. */
@Timeout(30)
@Rule("17")
class LimitsTest {
  private static final String NOOP = "workflow: [{step: start, tool: {kind: noop}}]\n";
  private static final int TEXT = PlaybookLimits.DEFAULT.maxTextBytes();

  private static Diagnostic only(String text) {
    ParseResult.Invalid result = invalid(text);
    assertThat(result.errors()).hasSize(1);
    return result.errors().getFirst();
  }

  private static String sized(int bytes) {
    String head = HEADER + NOOP + "workload: {text: \"";
    return head + "x".repeat(bytes - head.length() - 2) + "\"}";
  }

  @Test
  void takesTextOfExactlyTheLimit() {
    String text = sized(TEXT);
    assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSize(TEXT);
    valid(text);
    valid(Base64.getMimeEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void refusesTextOneByteAboveTheLimit() {
    for (String text :
        new String[] {
          sized(TEXT + 1), Base64.getEncoder().encodeToString(sized(TEXT + 1).getBytes())
        }) {
      Diagnostic fault = only(text);
      assertThat(fault.httpStatus()).isEqualTo(413);
      assertThat(fault.message())
          .isEqualTo("Playbook text is 4194305 bytes, more than playbook.max-text-bytes (4194304)");
    }
    assertThat(only("x".repeat(20_000_000)).httpStatus()).isEqualTo(413);
  }

  @Test
  void countsBytesNotCharacters() {
    String text = HEADER + NOOP + "#" + "漢".repeat(1_398_101) + "\n";
    assertThat(only(text).rule()).isEqualTo("text.too-large");
    assertThat(PlaybookText.utf8Length("aé漢😀")).isEqualTo(10);
  }

  @Test
  void takesTenThousandStepsAndRefusesOneMore() {
    assertThat(valid(steps(10_000)).playbook().steps()).hasSize(10_000);
    Diagnostic fault = only(steps(10_001));
    assertThat(fault.message())
        .isEqualTo("Workflow has 10001 steps, more than playbook.max-steps (10000)");
    assertThat(fault.httpStatus()).isEqualTo(422);
  }

  private static String steps(int count) {
    StringBuilder text = new StringBuilder(HEADER).append("workflow:\n");
    for (int i = 0; i < count; i++) {
      text.append("- {step: ").append(i == 0 ? "start" : "s" + i);
      text.append(", tool: {kind: noop}, next: ");
      text.append(i + 1 < count ? "s" + (i + 1) : "end").append("}\n");
    }
    return text.toString();
  }

  @Test
  void refusesNestingAboveTheLimit() {
    // The root is the first level.
    valid(HEADER + NOOP + "workload: {a: " + "[".repeat(198) + "]".repeat(198) + "}");
    Diagnostic fault =
        only(HEADER + NOOP + "workload: {a: " + "[".repeat(199) + "]".repeat(199) + "}");
    assertThat(fault.message())
        .isEqualTo("Invalid YAML: lists and maps are nested deeper than playbook.max-depth (200)");
    assertThat(fault.httpStatus()).isEqualTo(400);
  }

  @Test
  void survivesAbsurdNesting() {
    for (String opener : new String[] {"[", "{", "{a: ", "- ", "? ", "[{", "{{"}) {
      assertThat(Parsing.PARSER.parse("a: " + opener.repeat(500_000 / opener.length())))
          .isInstanceOf(ParseResult.Invalid.class);
      assertThat(Parsing.PARSER.parse(opener.repeat(500_000 / opener.length())))
          .isInstanceOf(ParseResult.Invalid.class);
    }
    StringBuilder steps = new StringBuilder("a:");
    for (int i = 1; i < 1000; i++) {
      steps.append('\n').append(" ".repeat(i)).append("a:");
    }
    assertThat(only(steps.toString()).rule()).isEqualTo("yaml.depth");
  }

  @Test
  void refusesNestingThroughAliases() {
    StringBuilder text = new StringBuilder(HEADER + NOOP + "workload:\n  a0: &a0 []\n");
    for (int i = 1; i <= 250; i++) {
      text.append("  a%d: &a%d [*a%d]\n".formatted(i, i, i - 1));
    }
    assertThat(only(text.toString()).rule()).isEqualTo("yaml.depth");
  }

  @Test
  void refusesAliasBombs() {
    StringBuilder text = new StringBuilder(HEADER + NOOP + "workload:\n  a0: &a0 [lol, lol]\n");
    for (int i = 1; i <= 100; i++) {
      text.append("  a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(10)));
    }
    Diagnostic fault = only(text.toString());
    assertThat(fault.message())
        .isEqualTo(
            "Invalid YAML: aliases expand to more than playbook.max-alias-expansion (4194304)"
                + " nodes and characters");
  }

  @Test
  void refusesMergeBombsAndRepeatedGiantText() {
    StringBuilder merges = new StringBuilder(HEADER + NOOP + "workload:\n  a0: &a0 {k: v}\n");
    for (int i = 1; i <= 60; i++) {
      merges.append("  a%d: &a%d {<<: *a%d, x%d: *a%d}\n".formatted(i, i, i - 1, i, i - 1));
    }
    assertThat(only(merges.toString()).rule()).isIn("yaml.alias.expansion", "yaml.depth");
    String giant =
        HEADER
            + NOOP
            + "workload:\n  t: &t "
            + "x".repeat(1_000_000)
            + "\n  l: [*t, *t, *t, *t, *t]";
    assertThat(only(giant).rule()).isEqualTo("yaml.alias.expansion");
  }

  @Test
  void boundsKeysThatAreCollections() {
    assertThat(
            only(HEADER + NOOP + "workload: {a: " + "{".repeat(60) + "}".repeat(60) + "}").rule())
        .isEqualTo("yaml.key.complex");
  }

  @Test
  void readsGiantScalarsQuickly() {
    String digits = "1".repeat(3_000_000);
    assertThat(valid(HEADER + NOOP + "workload: {d: " + digits + "}").playbook().workload())
        .containsEntry("d", digits);
    valid(HEADER + NOOP + "workload:\n  t: |\n" + "    line of text\n".repeat(100_000));
  }

  @Test
  void suggestsForManyUnknownTargetsInBoundedTime() {
    StringBuilder text = new StringBuilder(HEADER).append("workflow:\n");
    for (int i = 0; i < 5000; i++) {
      String name = i == 0 ? "start" : "step_number_" + i;
      text.append("- {step: %s, tool: {kind: noop}, next: stap_number_%d}\n".formatted(name, i));
    }
    assertThat(invalid(text.toString()).errors()).hasSize(1001);
  }

  @Test
  void refusesToolsOfTheWorkbookThatGrowTheDocument() {
    StringBuilder text = new StringBuilder(HEADER);
    text.append("workbook: [{name: w, tool: {kind: noop, result: ");
    text.append("x".repeat(1_000_000)).append("}}]\nworkflow:\n");
    for (int i = 0; i < 5000; i++) {
      text.append(
          "- {step: %s, tool: {kind: workbook, name: w}}\n".formatted(i == 0 ? "start" : "s" + i));
    }
    Diagnostic fault = invalid(text.toString()).errors().getFirst();
    assertThat(fault.message())
        .isEqualTo(
            "Step 's4': workbook tools and inputs expand to more than"
                + " playbook.max-alias-expansion (4194304) nodes and characters");
  }

  @Test
  void refusesInputsThatGrowTheDocument() {
    StringBuilder input = new StringBuilder();
    for (int i = 0; i < 100_000; i++) {
      input.append("k").append(i).append(": v, ");
    }
    Diagnostic fault =
        only(
            HEADER
                + "workflow: [{step: start, tool: {kind: task_sequence, input: {"
                + input
                + "}, tasks: ["
                + "{kind: noop, input: {a: 1}}, ".repeat(50_000)
                + "]}}]");
    assertThat(fault.rule()).isEqualTo("workflow.expansion");
  }

  @Test
  void refusesLongChainsInTheWorkbook() {
    StringBuilder text = new StringBuilder(HEADER).append("workbook:\n");
    for (int i = 0; i < 1000; i++) {
      text.append("- {name: w%d, tool: {kind: workbook, name: w%d}}\n".formatted(i, i + 1));
    }
    text.append("workflow: [{step: start, tool: {kind: workbook, name: w0}}]");
    assertThat(only(text.toString()).rule()).isEqualTo("workbook.unknown");
  }

  @Test
  void checksManyTemplatesUnderLongKeysQuickly() {
    valid(
        HEADER
            + "workflow: [{step: start, tool: {kind: noop}, set: {? "
            + "k".repeat(1_000_000)
            + " : ["
            + "a, ".repeat(500_000)
            + "]}}]");
    assertThat(
            invalid(
                    HEADER
                        + "workflow: [{step: start, tool: [{"
                        + "k".repeat(1_000)
                        + ": {kind: noop, spec: {policy: {rules: ["
                        + "{do: z},".repeat(100_000)
                        + "]}}}}]}]")
                .errors())
        .hasSize(1001);
  }

  @Test
  void collectsSelectionsOfManyTasksQuickly() {
    Step step =
        Parsing.start("tool: [" + "{kind: noop, output_select: [a]}, ".repeat(100_000) + "]");
    assertThat((java.util.List<?>) step.output().get("select")).hasSize(100_000);
  }

  @Test
  void refusesLimitsOutOfRange() {
    assertThatThrownBy(() -> new PlaybookLimits(0, 1, 1, 1, 1))
        .hasMessage("Expected playbook.max-text-bytes between 1 and 67108864, but it is 0");
    assertThatThrownBy(() -> new PlaybookLimits(1, 1, 401, 1, 1))
        .hasMessage("Expected playbook.max-depth between 1 and 400, but it is 401");
  }

  @Test
  void parsesDurations() {
    assertThat(Durations.parse("30s")).isEqualTo(Duration.ofSeconds(30));
    assertThat(Durations.parse("5m")).isEqualTo(Duration.ofMinutes(5));
    assertThat(Durations.parse("2h")).isEqualTo(Duration.ofHours(2));
    assertThat(Durations.parse("500ms")).isEqualTo(Duration.ofMillis(500));
    assertThat(Durations.parse(" 1.5 s ")).isEqualTo(Duration.ofMillis(1500));
    assertThat(Durations.parse("45")).isEqualTo(Duration.ofSeconds(45));
    assertThat(Durations.parse(30L)).isEqualTo(Duration.ofSeconds(30));
    assertThat(Durations.parse(0.25)).isEqualTo(Duration.ofMillis(250));
    for (Object bad :
        new Object[] {"", "s", "-1", -1L, "5 parsecs", "1e9", true, 1e300, 1L << 60}) {
      assertThat(Durations.parse(bad)).isNull();
    }
    assertThat(Durations.parse(null)).isNull();
  }
}
