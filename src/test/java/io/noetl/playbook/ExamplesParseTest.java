package io.noetl.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Playbooks as people write them are accepted, and without a warning where none is due. */
class ExamplesParseTest {
  /** Examples that use an older form on purpose. */
  private static final Map<String, List<String>> WARNINGS =
      Map.of(
          "unavailable-kind", List.of("tool.kind.unavailable"),
          "skip", List.of("step.when"));

  @TestFactory
  List<DynamicTest> acceptsExamples() {
    return ExampleDocuments.all().entrySet().stream()
        .map(
            example ->
                DynamicTest.dynamicTest(
                    example.getKey(),
                    () -> {
                      ParseResult.Valid valid = Parsing.valid(example.getValue());
                      assertThat(valid.warnings().stream().map(Diagnostic::rule))
                          .isEqualTo(WARNINGS.getOrDefault(example.getKey(), List.of()));
                    }))
        .toList();
  }

  @Test
  void acceptsExamplesWithTheTemplateEngine() {
    Templates templates = new Templates(TemplateLimits.DEFAULT);
    PlaybookParser parser =
        new PlaybookParser(
            PlaybookLimits.DEFAULT,
            TemplateCheck.of(templates::syntaxError, templates::guardSyntaxError));
    ExampleDocuments.all()
        .forEach(
            (name, text) ->
                assertThat(parser.parse(text)).as(name).isInstanceOf(ParseResult.Valid.class));
    ParseResult broken =
        parser.parse(
            Parsing.HEADER + "workflow: [{step: start, tool: {kind: noop}, when: \"{{ a b }}\"}]");
    assertThat(broken)
        .isInstanceOfSatisfying(
            ParseResult.Invalid.class,
            invalid ->
                assertThat(invalid.errors().getFirst().message())
                    .startsWith("Step 'start': invalid expression in when: "));
  }

  @Test
  @Rule("11.8")
  void readsPaginationByJump() {
    Playbook playbook = Parsing.valid(ExampleDocuments.all().get("pages-by-jump")).playbook();
    List<Tool.Task> tasks = ((Tool.Sequence) playbook.steps().get("start").tool()).tasks();
    assertThat(tasks).extracting(Tool.Task::label).containsExactly("init", "page", "turn");
    Policy turn = tasks.get(2).spec().policy();
    assertThat(turn.rules())
        .containsExactly(
            new Policy.Rule(
                "{{ iter.more }}",
                Policy.Action.JUMP,
                List.of(new Mutation("iter.n", "{{ iter.n + 1 }}")),
                null,
                null,
                null,
                null,
                "page"),
            new Policy.Rule(
                null,
                Policy.Action.BREAK,
                List.of(
                    new Mutation("ctx.pages", "{{ iter.n }}"),
                    new Mutation("ctx.sum", "{{ iter.sum }}")),
                null,
                null,
                null,
                null,
                null));
  }
}
