package io.noetl.language;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.OnlyIncludeTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every rule of docs/language has a test that names it: with {@link Rule}, in its display name
 * ({@code rule 7.2}), or in its method name ({@code rule_7_2_…}). What a section marks as not
 * available needs none.
 */
class RulesTest {
  private static final Path FOLDER = Path.of("docs", "language");
  private static final Path REPORT = Path.of("target", "rules.txt");
  private static final String UNAVAILABLE = "Not available in this version";

  /** The section that only lists the examples, which are rules of their own. */
  private static final String EXAMPLES = "19";

  private static final Pattern HEADING =
      Pattern.compile("(?m)^#{2,3} (\\d+(?:\\.\\d+)?)\\.? [^\\n]*$");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (E\\d+|\\d+\\.\\d+) \\|[^\\n]*$");
  private static final Pattern METHOD = Pattern.compile("^rule_?(\\d+)_(\\d+)_");
  private static final Pattern DISPLAY = Pattern.compile("\\brules? (\\d+(?:\\.\\d+)?)");

  @Test
  void everyRuleOfTheReferenceIsNamedByATest() throws IOException {
    Set<String> rules = rules();
    Set<String> named = named();

    Set<String> covered = new TreeSet<>(rules);
    covered.retainAll(named);
    Files.createDirectories(REPORT.toAbsolutePath().getParent());
    Files.writeString(REPORT, "rules covered: " + covered.size() + " of " + rules.size() + "\n");

    Set<String> missing = new TreeSet<>(rules);
    missing.removeAll(named);
    assertThat(missing).as("rules that no test names").isEmpty();
    assertThat(rules).hasSizeGreaterThan(80);
  }

  @Test
  void testsNameOnlyRulesThatThereAre() throws IOException {
    Set<String> unknown = annotated();
    for (String text : texts()) {
      unknown.removeAll(numbers(text, _ -> true));
    }

    assertThat(unknown).as("rules that tests name and docs/language does not have").isEmpty();
  }

  /** Numbers of the rules that need a test: those with no smaller ones inside. */
  private static Set<String> rules() throws IOException {
    Set<String> rules = new TreeSet<>();
    for (String text : texts()) {
      for (String section : text.split("(?m)^(?=#{2,3} )")) {
        if (!section.contains("\n> " + UNAVAILABLE)) {
          rules.addAll(numbers(section, line -> !line.contains(UNAVAILABLE)));
        }
      }
    }
    Set<String> all = new TreeSet<>();
    for (String text : texts()) {
      all.addAll(numbers(text, _ -> true));
    }
    rules.removeIf(rule -> all.stream().anyMatch(other -> other.startsWith(rule + ".")));
    rules.remove(EXAMPLES);
    return rules;
  }

  private static Set<String> numbers(String text, Predicate<String> wanted) {
    Set<String> numbers = new TreeSet<>();
    for (Pattern pattern : List.of(HEADING, ROW)) {
      Matcher matcher = pattern.matcher(text);
      while (matcher.find()) {
        if (wanted.test(matcher.group())) {
          numbers.add(matcher.group(1));
        }
      }
    }
    return numbers;
  }

  private static List<String> texts() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      List<Path> documents =
          files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
      List<String> texts = new ArrayList<>();
      for (Path document : documents) {
        texts.add(Files.readString(document));
      }
      return texts;
    }
  }

  private static Set<String> named() {
    Set<String> named = annotated();
    for (JavaClass type : tests()) {
      for (JavaMethod method : type.getMethods()) {
        Matcher name = METHOD.matcher(method.getName());
        if (name.find()) {
          named.add(name.group(1) + "." + name.group(2));
        }
        method
            .tryGetAnnotationOfType("org.junit.jupiter.api.DisplayName")
            .flatMap(annotation -> annotation.get("value"))
            .ifPresent(
                text -> {
                  Matcher display = DISPLAY.matcher(String.valueOf(text));
                  while (display.find()) {
                    named.add(display.group(1));
                  }
                });
      }
    }
    LanguageExample.all().forEach(example -> named.addAll(example.rules()));
    return named;
  }

  private static Set<String> annotated() {
    Set<String> rules = new TreeSet<>();
    for (JavaClass type : tests()) {
      type.tryGetAnnotationOfType(Rule.class).ifPresent(rule -> add(rule, rules));
      for (JavaMethod method : type.getMethods()) {
        method.tryGetAnnotationOfType(Rule.class).ifPresent(rule -> add(rule, rules));
      }
    }
    return rules;
  }

  private static void add(Rule rule, Set<String> rules) {
    rules.addAll(Arrays.asList(rule.value()));
  }

  private static JavaClasses tests() {
    return new ClassFileImporter()
        .withImportOption(new OnlyIncludeTests())
        .importPackages("io.noetl");
  }
}
