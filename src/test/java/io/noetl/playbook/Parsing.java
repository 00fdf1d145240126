package io.noetl.playbook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;

/** Short ways to parse documents in tests. */
final class Parsing {
  static final PlaybookParser PARSER =
      new PlaybookParser(PlaybookLimits.DEFAULT, new BalancedTemplates());

  static final String HEADER =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: t, path: spec/t}
      """;

  private Parsing() {}

  static ParseResult.Valid valid(String text) {
    return switch (PARSER.parse(text)) {
      case ParseResult.Valid valid -> valid;
      case ParseResult.Invalid invalid ->
          fail("expected a valid playbook, but got %s", invalid.errors());
    };
  }

  static ParseResult.Invalid invalid(String text) {
    return switch (PARSER.parse(text)) {
      case ParseResult.Valid valid ->
          fail("expected faults, but playbook %s is valid", valid.playbook().name());
      case ParseResult.Invalid invalid -> invalid;
    };
  }

  /** The playbook of the body under a header. */
  static Playbook playbook(String body) {
    return valid(HEADER + body).playbook();
  }

  /** The step {@code start} of a workflow of which {@code start} holds the members. */
  static Step start(String start) {
    return playbook("workflow:\n  - step: start\n" + start.indent(4)).steps().get("start");
  }

  /** The step {@code start} with a noop tool and steps {@code b} and {@code c} to go to. */
  static Step routed(String members) {
    return playbook(routedBody(members)).steps().get("start");
  }

  static String routedBody(String members) {
    return "workflow:\n  - step: start\n    tool: {kind: noop}\n"
        + members.indent(4)
        + "  - {step: b, tool: {kind: noop}}\n  - {step: c, tool: {kind: noop}}\n";
  }

  static ToolSpec single(String start) {
    return ((Tool.Single) start(start).tool()).spec();
  }

  static List<Tool.Task> sequence(String start) {
    return ((Tool.Sequence) start(start).tool()).tasks();
  }

  /** The one error of the body under a header. */
  static Diagnostic error(String body) {
    List<Diagnostic> errors = invalid(HEADER + body).errors();
    assertThat(errors).hasSize(1);
    return errors.getFirst();
  }

  /** The one error of a step {@code start} with these members. */
  static Diagnostic startError(String members) {
    return error("workflow:\n  - step: start\n" + members.indent(4));
  }

  static List<String> warnings(String body) {
    return valid(HEADER + body).warnings().stream().map(Diagnostic::rule).toList();
  }

  static List<String> startWarnings(String members) {
    return warnings("workflow:\n  - step: start\n" + members.indent(4));
  }
}
