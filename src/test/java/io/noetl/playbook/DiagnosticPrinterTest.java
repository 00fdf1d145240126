package io.noetl.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DiagnosticPrinterTest {
  private static String printed(String text) {
    ParseResult result = Parsing.PARSER.parse(text);
    List<Diagnostic> said =
        result instanceof ParseResult.Invalid invalid ? invalid.errors() : result.warnings();
    return new DiagnosticPrinter("hello.yaml", text).print(said);
  }

  @Test
  void showsSourceLineWithMarkAndHint() {
    String text =
        Parsing.HEADER
            + """
            workflow:
              - step: start
                tool: {kind: noop}
                next: {arcs: [{step: shuot}]}
              - {step: shout, tool: {kind: noop}}
            """;
    assertThat(printed(text))
        .isEqualTo(
            """
            hello.yaml:7:26: error: Step 'start' references unknown step 'shuot' in next.arcs
              7 |     next: {arcs: [{step: shuot}]}
                |                          ^
                = did you mean 'shout'?
            """);
  }

  @Test
  void showsWarnings() {
    String text =
        Parsing.HEADER + "workflow:\n  - step: start\n    tool: {kind: noop}\n    args: {a: 1}\n";
    assertThat(printed(text))
        .isEqualTo(
            """
            hello.yaml:7:5: warning: Step 'start': 'args' is an older spelling
              7 |     args: {a: 1}
                |     ^
                = write 'input'
            """);
  }

  @Test
  void cutsLongLinesAroundThePlace() {
    String text = "a: \"" + "x".repeat(400) + "\" : b: c";
    assertThat(printed(text).lines().toList().get(1)).hasSizeLessThan(140).contains("…");
  }

  @Test
  void pointsBehindTheLastCharacter() {
    Diagnostic end = new Diagnostic(Diagnostic.Severity.ERROR, "r", 400, 1, 9, "", "cut off", null);
    assertThat(new DiagnosticPrinter("f", "ab").print(end))
        .isEqualTo("f:1:9: error: cut off\n  1 | ab\n    |   ^\n");
    assertThat(new DiagnosticPrinter("f", "").print(end)).isEqualTo("f:1:9: error: cut off\n");
  }
}
