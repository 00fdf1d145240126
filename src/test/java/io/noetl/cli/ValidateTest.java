package io.noetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.language.Rule;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code noetl validate}: every fault of a file at once, with its place and what would be right.
 */
class ValidateTest {
  private static final String BROKEN = "src/test/resources/validate/broken.yaml";
  private static final String LEGACY = "src/test/resources/validate/legacy.yaml";

  /** Line, column, severity and what is said, of the first lines of all diagnostics. */
  private static Stream<String> heads(CliRun run, String file) {
    return run.err()
        .lines()
        .filter(line -> line.startsWith(file))
        .map(line -> line.substring(file.length() + 1));
  }

  @Test
  @Rule("18.1")
  void tellsEveryFaultOfAFileAtOnce() {
    CliRun run = CliRun.of(List.of("validate", BROKEN));

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).startsWith(BROKEN + ": invalid, 12 errors, ");
    assertThat(heads(run, BROKEN).filter(line -> line.contains(" error: ")))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("10:11: error: Step 'start': invalid expression in when"),
            line ->
                assertThat(line)
                    .startsWith("12:13: error: Step 'start': unknown tool kind 'pythn'"),
            line ->
                assertThat(line)
                    .startsWith("16:17: error: Step 'start' references unknown step 'nowher'"),
            line ->
                assertThat(line)
                    .startsWith(
                        "17:17: error: Step 'start': invalid expression in next.arcs[0].when"),
            line ->
                assertThat(line)
                    .startsWith(
                        "21:115: error: Step 'mid': tool[0].spec.policy.rules[0].then: unknown 'do'"
                            + " word"),
            line ->
                assertThat(line)
                    .startsWith(
                        "21:160: error: Step 'mid': tool[0].spec.policy.rules[1].then: 'jump' to"
                            + " unknown task"),
            line ->
                assertThat(line).startsWith("22:9: error: Step 'mid': duplicate task label 'a'"),
            line ->
                assertThat(line)
                    .startsWith("23:18: error: Step 'mid': invalid expression in set.ctx.x"),
            line -> assertThat(line).startsWith("25:5: error: Duplicate step name: mid"),
            line ->
                assertThat(line)
                    .startsWith("26:11: error: Step 'mid': loop requires 'in' or 'cursor'"),
            line -> assertThat(line).startsWith("28:5: error: workflow[3]: missing 'step'"),
            line ->
                assertThat(line)
                    .startsWith("31:5: error: Step 'third': 'case' blocks are not allowed"));
    assertThat(run.err())
        .contains("= did you mean 'python'?")
        .contains("= write one of continue, retry, break, jump, fail")
        .contains("= write 'step' instead of 'name'");
  }

  @Test
  @Rule({"4.1", "5", "18.1"})
  void showsTheCanonicalFormBesideAnOlderOne() {
    CliRun run = CliRun.of(List.of("validate", LEGACY));

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(heads(run, LEGACY).map(line -> line.replaceFirst(":\\d+: warning: .*", "")))
        .contains("4", "5", "8", "9", "10", "11", "12", "15", "16", "17", "18", "19");
    assertThat(run.err())
        .contains("= set values in the first step")
        .contains("= put its values into workload")
        .contains("= write 'input'")
        .contains("= write spec: {policy: {admit: {rules: [{when: ..., then: {allow: true}}")
        .contains("= write set: {ctx.name: ...}")
        .contains("= write next: {spec: {mode: ...}, arcs: [...]}")
        .contains("= write 'auth'")
        .contains("= write spec: {policy: {rules: [{when: ..., then: {do: ...")
        .contains("the template in tool.url will fail the step when it runs");
  }

  @Test
  void tellsAboutTheOtherFilesWhenOneCannotBeRead() {
    CliRun text = CliRun.of(List.of("validate", "no/such.yaml", BROKEN));

    assertThat(text.exit()).isEqualTo(2);
    assertThat(text.err()).contains("Expected to read no/such.yaml, but there is no such file");
    assertThat(text.out()).contains(BROKEN + ": invalid");
  }

  @Test
  void writesTheSameAsJson() {
    CliRun run = CliRun.of(List.of("validate", "-o", "json", BROKEN, LEGACY, "no/such.yaml"));

    assertThat(run.exit()).isEqualTo(2);
    Map<String, Object> report = Json.parseObject(run.out());
    assertThat(report).containsEntry("valid", false);
    List<?> files = (List<?>) report.get("files");
    assertThat(files).hasSize(3);
    Map<?, ?> broken = (Map<?, ?>) files.getFirst();
    assertThat((List<?>) broken.get("errors")).hasSize(12);
    assertThat((Map<?, ?>) ((List<?>) broken.get("errors")).get(1))
        .isEqualTo(
            Map.of(
                "path", "workflow[0].tool.kind",
                "line", 12L,
                "column", 13L,
                "rule", "tool.kind.unknown",
                "message", "Step 'start': unknown tool kind 'pythn'",
                "hint", "did you mean 'python'?"));
    assertThat((Map<?, ?>) files.get(2)).extracting("valid").isEqualTo(false);
  }
}
