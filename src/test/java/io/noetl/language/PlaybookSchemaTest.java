package io.noetl.language;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.noetl.json.Json;
import io.noetl.playbook.ParseResult;
import io.noetl.playbook.PlaybookSchema;
import io.noetl.playbook.ToolKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The schema takes what the parser takes, and refuses what it can see to be wrong. */
class PlaybookSchemaTest {
  private static final String HEADER =
      "apiVersion: noetl.io/v2\nkind: Playbook\nmetadata: {name: t}\n";
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final String TEXT = new String(PlaybookSchema.bytes(), StandardCharsets.UTF_8);
  private static final Schema SCHEMA = SCHEMAS.getSchema(TEXT, InputFormat.JSON);

  private static List<Error> errors(String yaml) {
    Object document = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return SCHEMA.validate(Json.text(document), InputFormat.JSON);
  }

  @Test
  void isASchemaItself() {
    Schema ofSchemas =
        SCHEMAS.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

    assertThat(ofSchemas.validate(TEXT, InputFormat.JSON)).isEmpty();
  }

  @Test
  void takesEveryPlaybookOfTheDocumentsAndExamples() throws IOException {
    for (Map.Entry<String, String> playbook : LanguageDocumentsTest.playbooks().entrySet()) {
      assertThat(errors(playbook.getValue())).as(playbook.getKey()).isEmpty();
    }
    for (LanguageExample example : LanguageExample.all()) {
      if (example.refused() == null) {
        assertThat(errors(example.text())).as(example.path()).isEmpty();
      }
    }
  }

  @Test
  void takesEveryDocumentOfTheParsersTests() throws IOException {
    Path file = Path.of("src/test/resources/io/noetl/playbook/examples.txt");
    int found = 0;
    for (String body : Files.readString(file).split("(?m)^### .*$")) {
      if (!body.isBlank()) {
        found++;
        assertThat(errors(HEADER + body)).as(body).isEmpty();
      }
    }

    assertThat(found).isGreaterThan(5);
  }

  @Test
  void knowsEveryKindThatTheLanguageKnows() {
    for (ToolKind kind : ToolKind.values()) {
      assertThat(TEXT).contains('"' + kind.word() + '"');
    }
    assertThat(Arrays.stream(ToolKind.values()).map(ToolKind::word))
        .allSatisfy(
            word ->
                assertThat(step("tool: {kind: " + word + ", tasks: [{kind: noop}]}")).isEmpty());
  }

  private static List<Error> step(String members) {
    return errors(HEADER + "workflow:\n  - step: start\n" + members.indent(4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind: Playbook\nmetadata: {name: t}\nworkflow: [{step: start, tool: {kind: noop}}]",
        "apiVersion: noetl.io/v3\n"
            + "kind: Playbook\n"
            + "metadata: {name: t}\n"
            + "workflow: [{step: start, tool: {kind: noop}}]",
        "apiVersion: noetl.io/v2\n"
            + "kind: Book\n"
            + "metadata: {name: t}\n"
            + "workflow: [{step: start, tool: {kind: noop}}]",
        "apiVersion: noetl.io/v2\n"
            + "kind: Playbook\n"
            + "metadata: {path: t}\n"
            + "workflow: [{step: start, tool: {kind: noop}}]",
        "apiVersion: noetl.io/v2\nkind: Playbook\nmetadata: {name: t}",
        HEADER + "workflow: []",
        HEADER + "workflow: {}",
        HEADER + "workload: [1]\nworkflow: [{step: start, tool: {kind: noop}}]",
        HEADER + "workflow: [{tool: {kind: noop}}]",
        HEADER + "workflow: [{step: start}]",
        HEADER + "workflow: [{step: start, case: [], tool: {kind: noop}}]",
        HEADER + "workflow: [{step: start, tool: {kind: agent}}]",
        HEADER + "workflow: [{step: start, tool: {}}]",
        HEADER + "workflow: [{step: start, tool: []}]",
        HEADER + "workflow: [{step: start, tool: [text]}]",
        HEADER + "workflow: [{step: start, tool: [{a: {kind: noop}, b: {kind: noop}}]}]",
        HEADER + "workflow: [{step: start, tool: {kind: noop}, next: {steps: [end]}}]",
        HEADER + "workflow: [{step: start, tool: {kind: noop}, next: {arcs: [{when: true}]}}]",
        HEADER + "workflow: [{step: start, loop: {iterator: x}, tool: {kind: noop}}]",
        HEADER + "workflow: [{step: start, loop: {in: null}, tool: {kind: noop}}]",
        HEADER
            + "workflow: [{step: start, loop: {in: [1], cursor: {claim: x}}, tool: {kind: noop}}]",
        HEADER + "workflow: [{step: start, loop: {in: [1], mode: sideways}, tool: {kind: noop}}]",
        HEADER + "workflow: [{step: start, loop: {cursor: {kind: postgres}}, tool: {kind: noop}}]",
        HEADER + "workflow: [{step: start, tool: {kind: noop, spec: {policy: {rules: {}}}}}]",
        HEADER
            + "workflow: [{step: start, tool: {kind: noop, spec: {policy: {rules: [{else: {then:"
            + " {do: explode}}}]}}}}]",
        HEADER
            + "workflow: [{step: start, tool: {kind: noop, spec: {policy: {rules: [{when: true,"
            + " then: {do: jump}}]}}}}]"
      })
  void refusesWhatTheParserRefuses(String broken) {
    assertThat(LanguageDocumentsTest.PARSER.parse(broken)).isInstanceOf(ParseResult.Invalid.class);
    assertThat(errors(broken)).as(broken).isNotEmpty();
  }
}
