package io.noetl.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.playbook.ParseResult;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Playbooks that documents and examples show are valid ones, without a warning. */
class LanguageDocumentsTest {
  private static final Pattern YAML = Pattern.compile("(?ms)^```yaml\\R(.*?)^```$");
  private static final Templates TEMPLATES = new Templates(TemplateLimits.DEFAULT);
  static final PlaybookParser PARSER =
      new PlaybookParser(
          PlaybookLimits.DEFAULT,
          TemplateCheck.of(TEMPLATES::syntaxError, TEMPLATES::guardSyntaxError));

  /** Every whole playbook of docs/language and docs/examples, by its place. */
  static Map<String, String> playbooks() throws IOException {
    Map<String, String> playbooks = new TreeMap<>();
    List<Path> files = new ArrayList<>();
    try (Stream<Path> language = Files.list(Path.of("docs", "language"));
        Stream<Path> examples = Files.list(Path.of("docs", "examples"))) {
      language.filter(file -> file.toString().endsWith(".md")).forEach(files::add);
      examples.filter(file -> file.toString().endsWith(".yaml")).forEach(files::add);
    }
    for (Path file : files) {
      String text = Files.readString(file);
      if (file.toString().endsWith(".yaml")) {
        playbooks.put(file.toString(), text);
        continue;
      }
      Matcher matcher = YAML.matcher(text);
      while (matcher.find()) {
        long line = text.substring(0, matcher.start()).lines().count() + 1;
        playbooks.put(file + ":" + line, matcher.group(1));
      }
    }
    return playbooks;
  }

  @Test
  void everyPlaybookOfTheDocumentsIsValidAndCanonical() throws IOException {
    Map<String, String> playbooks = playbooks();

    assertThat(playbooks).hasSizeGreaterThan(20);
    playbooks.forEach(
        (place, text) -> {
          ParseResult result = PARSER.parse(text);
          assertThat(result).as("%s: %s", place, result).isInstanceOf(ParseResult.Valid.class);
          assertThat(result.warnings()).as(place).isEmpty();
        });
  }
}
