package io.noetl.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.cli.CliRun;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What documents say about files, commands and each other is so. */
class DocumentsTest {
  /** Where a path in docs/changes.md may begin. */
  private static final List<String> ROOTS =
      List.of("", "src/main/java/io/noetl/", "src/test/java/io/noetl/");

  private static final Pattern PATH = Pattern.compile("`([\\w./-]+(?:\\.\\w+|/))`");
  private static final Pattern NOETL = Pattern.compile("(?m)^.*?(?:^|[ $(])(\\./noetl .*)$");
  private static final Pattern URL = Pattern.compile("https?://[^\\s)'\"`<>]+");

  /** Folders that exist on one machine only. */
  private static final Pattern MACHINE_PATH =
      Pattern.compile("(?m)(?:^|[\\s\"'`=(])(?:/work|/root|/home|/Users|/tmp)/");

  /** Hosts that mean the reader's own machine, and what a newcomer may have to fetch. */
  private static final Set<String> HOSTS = Set.of("127.0.0.1", "localhost", "host", "db");

  /**
   * Makes the program refuse a command line after it has read it, naming all that it does not know.
   */
  private static final String NO_OPTION = "--there-is-no-such-option";

  /** The launcher's own; the rest of the command lines are the program's. */
  private static final Set<String> LAUNCHER = Set.of("test", "fmt", "plugin-bench", "jmh");

  @Test
  void everyLinkLeadsSomewhere() {
    List<String> broken = new ArrayList<>();
    for (Markdown document : Markdown.all()) {
      for (String link : document.links()) {
        if (!link.contains("://") && !leadsSomewhere(document, link)) {
          broken.add(document.file() + ": " + link);
        }
      }
    }

    assertThat(broken).isEmpty();
  }

  private static boolean leadsSomewhere(Markdown document, String link) {
    String path = link.replaceFirst("#.*", "");
    Path target =
        path.isEmpty() ? document.file() : document.file().resolveSibling(path).normalize();
    if (!Files.exists(target)) {
      return false;
    }
    int hash = link.indexOf('#');
    return hash < 0
        || Markdown.read(target.toString()).anchors().contains(link.substring(hash + 1));
  }

  @Test
  void everyPathInTheRecipesExists() {
    List<String> missing = new ArrayList<>();
    int found = 0;
    // A path that is to be made is written with its number or kind left open.
    Matcher matcher = PATH.matcher(Markdown.read("docs/changes.md").text());
    while (matcher.find()) {
      String path = matcher.group(1);
      if (path.contains("/") && !path.contains("V0002")) {
        found++;
        if (ROOTS.stream().noneMatch(root -> Files.exists(Path.of(root + path)))) {
          missing.add(path);
        }
      }
    }

    assertThat(missing).isEmpty();
    assertThat(found).isGreaterThan(60);
  }

  @Test
  void everyCommandLineIsOneOfTheProgram() {
    int found = 0;
    for (Markdown document : Markdown.all()) {
      for (Markdown.Block block : document.blocks()) {
        if (!Set.of("sh", "console").contains(block.language())) {
          continue;
        }
        Matcher matcher = NOETL.matcher(block.text());
        while (matcher.find()) {
          List<String> words = Shell.words(matcher.group(1).replaceFirst(" ?[|>&)].*$", ""));
          words.removeFirst();
          if (!LAUNCHER.contains(words.getFirst())) {
            found++;
            words.add(NO_OPTION);
            CliRun run = CliRun.of(words);
            assertThat(run.err())
                .as("%s: %s", document.file(), words)
                .contains("Unknown option: '" + NO_OPTION + "'");
          }
        }
      }
    }

    assertThat(found).isGreaterThan(10);
  }

  @Test
  void noDocumentNamesAMachineOfItsOwn() {
    List<String> found = new ArrayList<>();
    for (Markdown document : Markdown.all()) {
      Matcher path = MACHINE_PATH.matcher(document.text());
      while (path.find()) {
        found.add(document.file() + ": " + path.group());
      }
      Matcher url = URL.matcher(document.text());
      while (url.find()) {
        String host = URI.create(url.group().replaceAll("[.,;:]+$", "").replace("$", "")).getHost();
        if (host != null && !HOSTS.contains(host) && !host.endsWith("example.com")) {
          found.add(document.file() + ": " + url.group());
        }
      }
    }

    assertThat(found).as("paths and hosts that the reader does not have").isEmpty();
  }

  @Test
  void theIndexesNameEveryDocument() throws Exception {
    String index = Files.readString(Path.of("docs/README.md"));
    for (Markdown document : Markdown.all()) {
      Path inDocs = Path.of("docs").relativize(document.file());
      if (!inDocs.startsWith("..") && !inDocs.endsWith("README.md") && !inDocs.startsWith("adr")) {
        assertThat(index).contains("(" + inDocs + ")");
      }
    }
    for (Example example : Example.all()) {
      assertThat(Files.readString(Path.of("docs/examples/README.md")))
          .contains("(" + example.file().getFileName() + ")");
    }
  }

  @Test
  void decisionRecordsHaveNumbersOfTheirOwnAndARow() throws Exception {
    String index = Files.readString(Path.of("docs/adr/README.md"));
    List<String> numbers = new ArrayList<>();
    for (Markdown document : Markdown.all()) {
      String name = document.file().getFileName().toString();
      if (document.file().startsWith("docs/adr") && !name.equals("README.md")) {
        assertThat(name).matches("\\d{4}-[a-z0-9-]+\\.md");
        String number = name.substring(0, 4).replaceFirst("^0+", "");
        String title = document.text().lines().findFirst().orElseThrow();
        assertThat(title).startsWith("# " + number + ". ");
        assertThat(index)
            .contains(
                "[" + number + "](" + name + ") | " + title.substring(title.indexOf(". ") + 2));
        numbers.add(number);
      }
    }

    assertThat(numbers).doesNotHaveDuplicates().isNotEmpty();
  }
}
