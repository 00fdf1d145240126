package io.noetl.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Damaged and random texts: always an answer, and every tool of an accepted one survives travel.
 */
@Rule({"17", "18.1"})
class ParserFuzzTest {
  private static final int INPUTS = Integer.getInteger("noetl.fuzz.inputs", 40_000);
  private static final long SEED = Long.getLong("noetl.fuzz.seed", 20_240_101L);

  private static final List<String> PIECES =
      List.of(
          ": ",
          "- ",
          "{",
          "}",
          "[",
          "]",
          "\"",
          "'",
          "|",
          ">",
          "&a ",
          "*a",
          "<<: *a",
          "? ",
          "#",
          "\t",
          "\n",
          "\n  ",
          "---\n",
          "...",
          "!!int ",
          "!x ",
          "%",
          "@",
          "`",
          "{{ x }}",
          "{{",
          "}}",
          "{%",
          "\uFEFF",
          "\u0000",
          "\uD83D",
          "😀",
          "null",
          "true",
          "on",
          "1e999",
          "0x",
          "007",
          "-",
          "~",
          "step",
          "tool",
          "kind",
          "next",
          "arcs",
          "loop",
          "in",
          "cursor",
          "spec",
          "policy",
          "rules",
          "when",
          "then",
          "else",
          "do",
          "jump",
          "retry",
          "set",
          "workbook",
          "task_sequence",
          "tasks",
          "name",
          "label",
          "input",
          "args",
          "output",
          "eval",
          "admit",
          "vars",
          "case");

  private final Random random = new Random(SEED);

  @Test
  @Timeout(120)
  void answersEveryDamagedDocument() {
    List<String> documents = new ArrayList<>(ExampleDocuments.all().values());
    documents.add(everything());
    int valid = 0;
    for (int i = 0; i < INPUTS; i++) {
      String text = documents.get(random.nextInt(documents.size()));
      int changes = 1 + random.nextInt(random.nextInt(10) == 0 ? 30 : 3);
      for (int c = 0; c < changes; c++) {
        text = change(documents).apply(text);
      }
      if (answer(text, i)) {
        valid++;
      }
    }
    assertThat(valid).as("accepted texts of seed " + SEED).isBetween(INPUTS / 50, INPUTS);
  }

  @Test
  @Timeout(60)
  void answersRandomHeapsOfPieces() {
    for (int i = 0; i < INPUTS / 5; i++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? Parsing.HEADER : "");
      for (int n = random.nextInt(60); n > 0; n--) {
        text.append(piece());
      }
      answer(text.toString(), i);
    }
  }

  private boolean answer(String text, int number) {
    try {
      switch (Parsing.PARSER.parse(text)) {
        case ParseResult.Invalid invalid -> {
          new DiagnosticPrinter("f", text).print(invalid.errors());
          assertThat(invalid.errors()).isNotEmpty();
          return false;
        }
        case ParseResult.Valid valid -> {
          new DiagnosticPrinter("f", text).print(valid.warnings());
          valid.playbook().steps().values().forEach(ParserFuzzTest::checkTools);
          return true;
        }
      }
    } catch (RuntimeException | StackOverflowError | AssertionError e) {
      throw new AssertionError("input " + number + " of seed " + SEED + ":\n" + text, e);
    }
  }

  private static void checkTools(Step step) {
    List<ToolSpec> tools =
        switch (step.tool()) {
          case Tool.Single single -> List.of(single.spec());
          case Tool.Sequence sequence -> sequence.tasks().stream().map(Tool.Task::spec).toList();
        };
    for (ToolSpec tool : tools) {
      assertThat(ToolParser.parse(tool.source())).isEqualTo(tool);
    }
  }

  private UnaryOperator<String> change(List<String> documents) {
    return switch (random.nextInt(8)) {
      case 0 -> text -> splice(text, "");
      case 1, 2 -> text -> insert(text, piece());
      case 3 -> text -> splice(text, piece());
      case 4 -> text -> withLine(text, (lines, at) -> lines.remove(at));
      case 5 -> text -> withLine(text, (lines, at) -> lines.add(at, lines.get(at)));
      case 6 -> text -> withLine(text, (lines, at) -> lines.set(at, "  " + lines.get(at)));
      default -> text -> insert(text, part(documents.get(random.nextInt(documents.size()))));
    };
  }

  private String insert(String text, String piece) {
    int at = random.nextInt(text.length() + 1);
    return text.substring(0, at) + piece + text.substring(at);
  }

  private String splice(String text, String piece) {
    int from = random.nextInt(text.length() + 1);
    int to = Math.min(text.length(), from + random.nextInt(12));
    return text.substring(0, from) + piece + text.substring(to);
  }

  private String part(String text) {
    int from = random.nextInt(text.length());
    return text.substring(from, Math.min(text.length(), from + random.nextInt(80)));
  }

  private interface LineChange {
    void apply(List<String> lines, int at);
  }

  private String withLine(String text, LineChange change) {
    List<String> lines = new ArrayList<>(text.lines().toList());
    if (lines.isEmpty()) {
      return text;
    }
    change.apply(lines, random.nextInt(lines.size()));
    return String.join("\n", lines);
  }

  private String piece() {
    return PIECES.get(random.nextInt(PIECES.size()));
  }

  /** One document that uses every part of the language. */
  private static String everything() {
    return Parsing.HEADER
        + """
        workload: {a: &a {x: 1}, b: {<<: *a, y: [1.5, ~]}}
        vars: {v: "{{ workload.a }}"}
        executor: {spec: {entry_step: one, final_step: two, policy: {failure: {mode: best_effort}}}}
        keychain: [{name: k, kind: static, data: {t: x}}]
        workbook: [{name: w, tool: {kind: python, args: {q: 1}, code: "x"}}]
        workflow:
          - step: one
            when: "{{ a }}"
            spec: {timeout: 5s, policy: {admit: {rules: [{else: {allow: true}}]}}}
            input: {i: 1}
            loop: {in: "{{ b.y }}", iterator: it, spec: {mode: parallel, max_in_flight: 2}}
            tool:
              - {name: t, kind: http, url: u, retry: {max_attempts: 2, retry_on: [timeout]}}
              - r: {kind: workbook, name: w, input: {q: 2}}
              - {kind: noop, eval: [{expr: outcome.x, do: jump, target: t}, {else: {do: break}}]}
            set: {ctx.c: "{{ output }}"}
            next: {spec: {mode: inclusive}, arcs: [{step: two, when: "{{ c }}", set: {d: 1}}, end]}
          - step: two
            loop: {cursor: {kind: postgres, auth: p, claim: select 1}, spec: {frame: {max_rows: 2}}}
            tool: {kind: task_sequence, tasks: {m: {kind: noop}, n: {kind: shell, command: ls}}}
            output: {select: [a], store: {kind: kv}}
            retry: true
        """;
  }
}
