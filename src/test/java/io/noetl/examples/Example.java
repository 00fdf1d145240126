package io.noetl.examples;

import io.noetl.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A playbook of docs/examples with what it teaches, how its header says to run it, and what comes
 * of that.
 *
 * @param teaches the sentences of the header
 * @param commands the command lines of the header, in order
 * @param expectations of docs/examples/expected, empty when there is no such file
 */
record Example(Path file, String teaches, List<String> commands, List<Expectation> expectations) {
  private static final Path FOLDER = Path.of("docs", "examples");
  private static final String COMMAND = "#   ";

  /**
   * What one command line leads to.
   *
   * @param run the command line as the header has it
   * @param error the sentence of a failure, or null
   * @param events type and step of each event; a list among them came in any order
   */
  record Expectation(
      String run,
      String status,
      @Nullable Object result,
      @Nullable Object error,
      List<@Nullable Object> events) {}

  static List<Example> all() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .map(Example::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String name() {
    return file.getFileName().toString().replace(".yaml", "");
  }

  Path expectedFile() {
    return FOLDER.resolve("expected").resolve(name() + ".json");
  }

  /** The commands that run a playbook; others prepare something, such as a service. */
  List<String> runs() {
    return commands.stream().filter(command -> command.startsWith("./noetl run ")).toList();
  }

  private static Example read(Path file) {
    try {
      StringBuilder teaches = new StringBuilder();
      List<String> commands = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        if (!line.startsWith("#")) {
          break;
        }
        if (line.startsWith(COMMAND)) {
          commands.add(line.substring(COMMAND.length()).strip());
        } else {
          teaches.append(line.substring(1));
        }
      }
      Example example = new Example(file, teaches.toString().strip(), commands, List.of());
      Path expected = example.expectedFile();
      return Files.exists(expected)
          ? new Example(file, example.teaches, commands, expectations(expected))
          : example;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Expectation> expectations(Path file) throws IOException {
    List<Expectation> expectations = new ArrayList<>();
    for (Object entry : (List<?>) Json.parse(Files.readString(file))) {
      Map<?, ?> members = (Map<?, ?>) entry;
      expectations.add(
          new Expectation(
              String.valueOf(members.get("run")),
              String.valueOf(members.get("status")),
              members.get("result"),
              members.get("error"),
              List.copyOf((List<?>) members.get("events"))));
    }
    return expectations;
  }
}
