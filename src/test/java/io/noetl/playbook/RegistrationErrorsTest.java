package io.noetl.playbook;

import static io.noetl.playbook.Parsing.HEADER;
import static io.noetl.playbook.Parsing.error;
import static io.noetl.playbook.Parsing.invalid;
import static io.noetl.playbook.Parsing.routedBody;
import static io.noetl.playbook.Parsing.startError;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every condition that refuses a document, with its message, status and place. */
@Rule("18.1")
class RegistrationErrorsTest {
  private static final String NOOP = "workflow: [{step: start, tool: {kind: noop}}]\n";

  private static Diagnostic only(String text) {
    List<Diagnostic> errors = invalid(text).errors();
    assertThat(errors).hasSize(1);
    return errors.getFirst();
  }

  private static void assertFault(Diagnostic fault, int status, String message) {
    assertThat(fault.message()).isEqualTo(message);
    assertThat(fault.httpStatus()).isEqualTo(status);
    assertThat(fault.line()).isPositive();
    assertThat(fault.column()).isPositive();
  }

  @Test
  void refusesTextThatIsNotYaml() {
    Diagnostic fault = only("kind: [a, b\nx: }");
    assertThat(fault.message()).startsWith("Invalid YAML: ");
    assertThat(fault.httpStatus()).isEqualTo(400);
  }

  @Test
  void refusesTextThatIsNotAMap() {
    assertFault(only("- a\n- b"), 400, "Invalid YAML: the document must be a map, but is a list");
    assertFault(only("hello"), 400, "Invalid YAML: the document must be a map, but is text");
    assertFault(only(""), 400, "Invalid YAML: the text holds no document");
    assertFault(only("# nothing\n"), 400, "Invalid YAML: the text holds no document");
  }

  @Test
  void refusesOtherApiVersions() {
    String rest = "kind: Playbook\nmetadata: {name: t}\n" + NOOP;
    assertFault(
        only("apiVersion: noetl.io/v1\n" + rest),
        422,
        "Unsupported API version: noetl.io/v1. Expected noetl.io/v2");
    assertFault(only(rest), 422, "Unsupported API version: (missing). Expected noetl.io/v2");
  }

  @Test
  void refusesOtherKinds() {
    String rest = "apiVersion: noetl.io/v2\nmetadata: {name: t}\n" + NOOP;
    assertFault(only("kind: Tool\n" + rest), 422, "Invalid kind: Tool. Expected Playbook");
    assertFault(only(rest), 422, "Invalid kind: (missing). Expected Playbook");
  }

  @Test
  void refusesMissingName() {
    String rest = "apiVersion: noetl.io/v2\nkind: Playbook\n" + NOOP;
    for (String metadata :
        List.of("", "metadata: {}\n", "metadata: {name: ''}\n", "metadata: x\n")) {
      assertFault(only(metadata + rest), 400, "metadata.name is required");
    }
  }

  @Test
  void refusesMissingEmptyOrOddWorkflow() {
    for (String workflow : List.of("", "workflow: []\n", "workflow: {a: 1}\n", "workflow:\n")) {
      assertFault(only(HEADER + workflow), 422, "Workflow must have at least one step");
    }
  }

  @Test
  void refusesWorkflowWithoutEntry() {
    Diagnostic fault = error("workflow: [{step: strat, tool: {kind: noop}}]");
    assertFault(fault, 422, "Workflow must have a step named 'start'");
    assertThat(fault.hint()).isEqualTo("did you mean 'strat'?");
  }

  @Test
  void refusesStepWithoutName() {
    for (String step : List.of("{tool: {kind: noop}}", "{step: '', tool: {kind: noop}}", "x")) {
      Diagnostic fault = error("workflow: [{step: start, tool: {kind: noop}}, " + step + "]");
      assertFault(fault, 400, "workflow[1]: missing 'step'");
      assertThat(fault.path()).isEqualTo("workflow[1]");
    }
  }

  @Test
  void refusesDuplicateStep() {
    Diagnostic fault =
        error(
            "workflow:\n- {step: start, tool: {kind: noop}}\n- {step: start, tool: {kind: noop}}");
    assertFault(fault, 422, "Duplicate step name: start");
    assertThat(fault.line()).isEqualTo(6);
  }

  @Test
  @Rule("4.1")
  void refusesStepWithoutTool() {
    String message =
        "Step 'start': missing 'tool' field; every step needs a tool"
            + " (use 'kind: noop' for pure routing)";
    assertFault(startError("desc: x"), 422, message);
    assertFault(startError("tool:"), 422, message);
    Diagnostic typed = startError("type: http");
    assertFault(typed, 422, message);
    assertThat(typed.hint()).isEqualTo("write tool: {kind: http, ...}");
  }

  @Test
  @Rule("4.1")
  void refusesUndefinedToolOfStepNamedEnd() {
    Diagnostic fault = error(NOOP.replace("]", ", {step: end}]"));
    assertThat(fault.message()).startsWith("Step 'end': missing 'tool' field;");
  }

  @Test
  @Rule("4.1")
  void refusesCaseBlocks() {
    Diagnostic fault = startError("tool: {kind: noop}\ncase: [{when: x}]");
    assertFault(
        fault,
        422,
        "Step 'start': 'case' blocks are not allowed;"
            + " use next.arcs[].when and spec.policy.rules");
    assertThat(fault.path()).isEqualTo("workflow[0].case");
  }

  @Test
  @Rule("5")
  void refusesUnknownToolKinds() {
    assertFault(startError("tool: {kind: agent}"), 422, "Step 'start': unknown tool kind 'agent'");
    Diagnostic near = startError("tool: {kind: pyton, code: x}");
    assertFault(near, 422, "Step 'start': unknown tool kind 'pyton'");
    assertThat(near.hint()).isEqualTo("did you mean 'python'?");
    assertThat(near.line()).isEqualTo(6);
    assertThat(near.column()).isEqualTo(18);
  }

  @Test
  @Rule("9.19")
  void refusesAWaitThatDoesNotStandAlone() {
    assertThat(startError("tool: [{name: a, kind: wait, seconds: 1}]").message())
        .isEqualTo("Step 'start': tool[0]: kind 'wait' cannot be a task of a sequence");
    assertThat(startError("tool: {kind: wait, seconds: 1, retry: 3}").message())
        .isEqualTo("Step 'start': tool: kind 'wait' has no retry");
    assertThat(startError("tool: {kind: wait, seconds: 1, set: {ctx.a: 1}}").message())
        .isEqualTo("Step 'start': tool: kind 'wait' has no set");
    assertThat(
            startError(
                    "tool: {kind: wait, seconds: 1, spec: {policy: {rules: [{else: {then: {do:"
                        + " continue}}}]}}}")
                .message())
        .isEqualTo("Step 'start': tool: kind 'wait' has no policy");
  }

  @Test
  void refusesBadToolShapes() {
    assertThat(startError("tool: http").message())
        .isEqualTo("Step 'start': tool must be a map or a list of tasks, but is text");
    assertThat(startError("tool: {url: x}").message())
        .isEqualTo("Step 'start': tool: missing 'kind'");
    assertThat(startError("tool: {kind: 5}").message())
        .isEqualTo("Step 'start': tool: 'kind' must be text");
    assertThat(startError("tool: [1]").message())
        .isEqualTo("Step 'start': tool[0] must be a map, but is a number");
    assertThat(startError("tool: [{name: x, url: y}]").message())
        .isEqualTo("Step 'start': tool[0]: missing 'kind'");
    assertThat(startError("tool: [{a: {kind: noop}, b: {kind: noop}}]").message())
        .isEqualTo(
            "Step 'start': tool[0]: a labelled task must have exactly one label, but has"
                + " [a, b]");
    assertThat(startError("tool: [{a: {url: x}}]").message())
        .isEqualTo("Step 'start': tool[0].a: missing 'kind'");
    assertThat(startError("tool: {a: {kind: noop}, b: {kind: noop}}").message())
        .startsWith("Step 'start': tool: a labelled task must have exactly one label");
    assertThat(startError("tool: {kind: task_sequence}").message())
        .isEqualTo("Step 'start': tool of kind 'task_sequence' needs 'tasks'");
    assertThat(startError("tool: [{name: a, kind: task_sequence, tasks: [{kind: noop}]}]").rule())
        .isEqualTo("tool.nested");
  }

  @Test
  void refusesEmptyToolList() {
    assertFault(startError("tool: []"), 422, "Step 'start': tool list must have at least one task");
    assertFault(
        startError("tool: {kind: task_sequence, tasks: []}"),
        422,
        "Step 'start': tool.tasks list must have at least one task");
  }

  @Test
  void refusesDuplicateAndReservedLabels() {
    assertFault(
        startError("tool: [{name: a, kind: noop}, {a: {kind: noop}}]"),
        422,
        "Step 'start': duplicate task label 'a'");
    assertThat(startError("tool: [{kind: noop}, {name: task_0, kind: noop}]").message())
        .isEqualTo("Step 'start': duplicate task label 'task_0'");
    for (String label : List.of("_prev", "output", "ctx", "iter", "workload", "results")) {
      assertFault(
          startError("tool: [{name: " + label + ", kind: noop}]"),
          422,
          "Step 'start': task label '" + label + "' is reserved");
    }
  }

  @Test
  @Rule({"12", "12.7"})
  void refusesLoopWithoutOrWithTwoSources() {
    String claim = "cursor: {claim: select 1}";
    for (String loop :
        List.of("{iterator: x}", "{in: null}", "{in: [1], " + claim + "}", "{}", "7")) {
      assertFault(
          startError("tool: {kind: noop}\nloop: " + loop),
          422,
          "Step 'start': loop requires 'in' or 'cursor'");
    }
  }

  @Test
  void refusesBadLoopDetails() {
    assertFault(
        startError("tool: {kind: noop}\nloop: {cursor: {kind: postgres}}"),
        422,
        "Step 'start': loop cursor needs 'claim'");
    assertFault(
        startError("tool: {kind: noop}\nloop: {in: [1], spec: {mode: cursor}}"),
        422,
        "Step 'start': loop mode 'cursor' needs cursor.claim");
    Diagnostic mode = startError("tool: {kind: noop}\nloop: {in: [1], mode: paralel}");
    assertFault(mode, 422, "Step 'start': loop mode 'paralel' is unknown");
    assertThat(mode.hint()).isEqualTo("did you mean 'parallel'?");
    assertFault(
        startError("tool: {kind: noop}\nloop: {in: [1], iterator: ''}"),
        422,
        "Step 'start': loop iterator must be a name");
    assertFault(
        startError("tool: {kind: noop}\nloop: {cursor: {kind: http, claim: x}}"),
        422,
        "Step 'start': loop cursor kind 'http' is unknown");
  }

  @Test
  void refusesArcsToUnknownSteps() {
    Diagnostic fault =
        error(
            """
            workflow:
              - step: start
                tool: {kind: noop}
                next: {arcs: [{step: shuot}]}
              - {step: shout, tool: {kind: noop}}
            """);
    assertFault(fault, 422, "Step 'start' references unknown step 'shuot' in next.arcs");
    assertThat(fault.hint()).isEqualTo("did you mean 'shout'?");
    assertThat(fault.path()).isEqualTo("workflow[0].next.arcs[0].step");
    assertThat(fault.line()).isEqualTo(7);
    assertThat(fault.column()).isEqualTo(26);
    for (String next : List.of("nope", "[nope]", "{step: nope}", "[b, {step: nope}]")) {
      assertThat(error(routedBody("next: " + next)).message())
          .isEqualTo("Step 'start' references unknown step 'nope' in next.arcs");
    }
  }

  @Test
  void refusesNextOfWrongShape() {
    for (String next : List.of("7", "true", "{}", "{when: x}", "{arcs: b}", "{spec: {mode: x}}")) {
      assertFault(error(routedBody("next: " + next)), 422, "Step 'start': next must define 'arcs'");
    }
    assertThat(error(routedBody("next: [{when: x}]")).message())
        .isEqualTo("Step 'start': next[0]: missing 'step'");
    assertThat(error(routedBody("next: {arcs: [[b]]}")).message())
        .isEqualTo("Step 'start': next.arcs[0]: missing 'step'");
  }

  @Test
  @Rule("3.3")
  void refusesBrokenWorkbookReferences() {
    String workbook = "workbook: [{name: load, tool: {kind: noop}}]\n";
    String step = "workflow: [{step: start, tool: {kind: workbook%s}}]";
    assertFault(
        error(workbook + step.formatted(", name: laod")),
        422,
        "Step 'start': workbook action 'laod' not found in workbook (available: [load])");
    assertFault(
        error(workbook + step.formatted("")),
        422,
        "Step 'start': workbook action '(missing)' not found in workbook (available: [load])");
    assertFault(
        error(step.formatted(", task: x")),
        422,
        "Step 'start': workbook action 'x' not found in workbook (available: [])");
    assertThat(
            error(
                    "workbook: [{name: a, tool: {kind: workbook, name: a}}]\n"
                        + step.formatted(", name: a"))
                .message())
        .isEqualTo("Step 'start': workbook action 'a' refers to itself, or over too many others");
  }

  @Test
  void refusesBadPolicies() {
    String tool = "tool: {kind: noop, spec: {policy: {rules: %s}}}";
    assertFault(
        startError(tool.formatted("{when: x}")),
        422,
        "Step 'start': tool.spec.policy.rules must be a list, but is a map");
    Diagnostic word = startError(tool.formatted("[{when: x, then: {do: retyr}}]"));
    assertFault(
        word, 422, "Step 'start': tool.spec.policy.rules[0].then: unknown 'do' word 'retyr'");
    assertThat(word.hint()).isEqualTo("did you mean 'retry'?");
    assertFault(
        startError(tool.formatted("[{else: {do: jump}}]")),
        422,
        "Step 'start': tool.spec.policy.rules[0].else: 'jump' needs 'to'");
    assertFault(
        startError(tool.formatted("[{else: {then: {do: jump, to: x}}}]")),
        422,
        "Step 'start': tool.spec.policy.rules[0].else.then: 'jump' to unknown task 'x'");
    assertThat(startError(tool.formatted("[3]")).message())
        .isEqualTo("Step 'start': tool.spec.policy.rules[0] must be a map, but is a number");
    assertThat(startError("tool: [{name: a, kind: noop, spec: {policy: 3}}]").message())
        .isEqualTo("Step 'start': tool[0].spec.policy must be a map with 'rules', but is a number");
    assertThat(startError("tool: {kind: noop, eval: {expr: x}}").message())
        .isEqualTo("Step 'start': tool.eval must be a list, but is a map");
    assertThat(startError("tool: {kind: noop, eval: [{do: goto}]}").message())
        .isEqualTo("Step 'start': tool.eval[0]: unknown 'do' word 'goto'");
    assertThat(startError("tool: {kind: noop}\nspec: {policy: {admit: {rules: yes}}}").message())
        .isEqualTo("Step 'start': spec.policy.admit.rules must be a list, but is text");
  }

  @Test
  @Rule("11.4")
  void refusesAListForTheBodyOfARule() {
    for (String rule : List.of("{else: [{do: continue}]}", "{when: true, then: []}")) {
      String place = "Step 'start': tool.spec.policy.rules[0]";
      assertThat(
              startError("tool: {kind: noop, spec: {policy: {rules: [" + rule + "]}}}").message())
          .startsWith(place)
          .endsWith("must be a map, but is a list");
    }
  }

  @Test
  @Rule("3.1")
  void refusesUnknownEntryAndFinalSteps() {
    assertFault(
        error("executor: {spec: {entry_step: sart}}\n" + NOOP),
        422,
        "executor.spec.entry_step references unknown step 'sart'");
    Diagnostic last = error("executor: {spec: {final_step: stat}}\n" + NOOP);
    assertFault(last, 422, "executor.spec.final_step references unknown step 'stat'");
    assertThat(last.hint()).isEqualTo("did you mean 'start'?");
  }

  @Test
  void refusesExpressionsWithSyntaxErrors() {
    assertFault(
        startError("tool: {kind: noop}\nwhen: \"{{ a == }}\""),
        422,
        "Step 'start': invalid expression in when: expression ends too early");
    assertFault(
        startError("tool: {kind: noop}\nloop: {in: \"{{ (a }}\"}"),
        422,
        "Step 'start': invalid expression in loop.in: expected ')'");
    assertFault(
        startError("tool: {kind: noop}\nset: {ctx.a: [\"{{ a\"]}"),
        422,
        "Step 'start': invalid expression in set.ctx.a[0]: '{{' is never closed");
    assertFault(
        error(
            routedBody("next: {arcs: [{step: b, when: a ==, set: {x: \"{{ }}\"}}]}")
                .replace(", set: {x: \"{{ }}\"}", "")),
        422,
        "Step 'start': invalid expression in next.arcs[0].when: expression ends too early");
    assertFault(
        error(routedBody("next: {arcs: [{step: b, set: {x: \"{{ }}\"}}]}")),
        422,
        "Step 'start': invalid expression in next.arcs[0].set.x: empty expression");
    String rules = "tool: {kind: noop, spec: {policy: {rules: [%s]}}}";
    assertFault(
        startError(rules.formatted("{when: 'a)', then: {do: fail}}")),
        422,
        "Step 'start': invalid expression in tool.spec.policy.rules[0].when: unexpected ')'");
    assertFault(
        startError(rules.formatted("{else: {do: retry, attempts: \"{{ }}\"}}")),
        422,
        "Step 'start': invalid expression in tool.spec.policy.rules[0].else.attempts:"
            + " empty expression");
    assertThat(startError("tool: {kind: noop}\nwhen: {{ a }}").hint())
        .isEqualTo("quote it: \"{{ ... }}\"");
    assertThat(
            startError(
                    "tool: {kind: noop}\n"
                        + "spec: {policy: {admit: {rules: [{when: 'a ==', allow: true}]}}}")
                .message())
        .startsWith("Step 'start': invalid expression in spec.policy.admit.rules[0].when:");
  }

  @Test
  @Rule("7.3")
  void acceptsTemplateSyntaxErrorsInToolFields() {
    Parsing.start("tool: {kind: python, code: \"x = {{ }}\"}");
  }

  @Test
  @Rule("3.2")
  void refusesWorkloadThatIsNotAMap() {
    assertFault(error("workload: [1]\n" + NOOP), 422, "workload must be a map, but is a list");
  }

  @Test
  void reportsAllFaultsAtOnceInDocumentOrder() {
    ParseResult.Invalid result =
        invalid(
            """
            apiVersion: noetl.io/v3
            kind: Playbook
            metadata: {}
            executor: {spec: {final_step: nowhere}}
            workflow:
              - step: first
                tool: {kind: htpp}
                next: [{step: last}, {step: frist}]
              - step: first
                loop: {in: [1], mode: sideways}
                tool: []
              - tool: {kind: noop}
              - {step: third, case: [], next: 3}
            """);
    assertThat(result.errors().stream().map(Diagnostic::rule))
        .containsExactly(
            "document.api-version",
            "metadata.name",
            "executor.final-step",
            "workflow.start",
            "tool.kind.unknown",
            "next.target.unknown",
            "next.target.unknown",
            "step.name.duplicate",
            "loop.mode.unknown",
            "tool.empty",
            "step.name.missing",
            "step.tool.missing",
            "step.case",
            "next.shape");
    assertThat(result.errors().stream().map(Diagnostic::line)).isSorted();
    assertThat(result.httpStatus()).isEqualTo(400);
  }

  @Test
  void answersWith422WhenEveryFaultIsReadable() {
    assertThat(invalid(HEADER + "workflow: []").httpStatus()).isEqualTo(422);
  }

  @Test
  void boundsTheNumberOfReportedFaults() {
    StringBuilder body = new StringBuilder(HEADER + "workflow:\n");
    for (int i = 0; i < 1500; i++) {
      body.append("  - {step: s").append(i).append("}\n");
    }
    List<Diagnostic> errors = invalid(body.toString()).errors();
    assertThat(errors).hasSize(1001);
    assertThat(errors.getLast().message())
        .isEqualTo("501 more not shown, because playbook.max-diagnostics is 1000");
  }
}
