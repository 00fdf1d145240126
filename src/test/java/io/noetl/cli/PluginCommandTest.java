package io.noetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.AskingPlugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The author's commands that need no server. */
class PluginCommandTest {
  @TempDir private Path folder;

  @Test
  void testRunsEveryFixtureInBothModes() {
    CliRun run = CliRun.of(List.of("plugin", "test", "wasm-plugins/word-count"));

    assertThat(run.exit()).as(run.err()).isEqualTo(Exit.OK);
    assertThat(run.out()).contains("two-lines.json  fuel ", "4 passed, 0 failed");
  }

  /** Every module: a folder may hold the same plug-in in several languages. */
  static List<Path> modules() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("wasm-plugins"))) {
      return files
          .filter(file -> file.toString().endsWith(".wasm"))
          .filter(file -> Files.isDirectory(file.resolveSibling("fixtures")))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("modules")
  void thePluginsOfThisProjectPassTheirFixtures(Path module) {
    CliRun run = CliRun.of(List.of("plugin", "test", module.toString()));

    assertThat(run.exit()).as(run.out() + run.err()).isEqualTo(Exit.OK);
  }

  @Test
  void testShowsWhatDiffers() throws Exception {
    Path fixture =
        Files.writeString(
            folder.resolve("f.json"),
            "{\"input\":{\"t\":\"ab\"},\"expect\":{\"output\":{\"t\":\"XY\"},\"max_fuel\":10}}");

    CliRun run = CliRun.of(List.of("plugin", "test", "wasm-plugins/upper", fixture.toString()));

    assertThat(run.exit()).isEqualTo(Exit.FAILED);
    assertThat(run.out())
        .contains(
            "FAILED",
            "compiled: expected the output {\"t\":\"XY\"}, but got {\"t\":\"AB\"}",
            "interpreted: expected at most 10 units of fuel",
            "0 passed, 1 failed");
  }

  @Test
  void inspectShowsImportsAndFuelAsTextAndAsJson() {
    CliRun text = CliRun.of(List.of("plugin", "inspect", "wasm-plugins/word-count"));
    CliRun json = CliRun.of(List.of("plugin", "inspect", "-o", "json", "wasm-plugins/word-count"));

    assertThat(text.exit()).isEqualTo(Exit.OK);
    assertThat(text.out())
        .contains("import   noetl.v1.host_put_event (i32, i32) -> i32   needs a grant", "fuel  ");
    assertThat(json.out())
        .contains("\"needs_grants\":[\"host_put_event\"]", "\"admitted\":true", "\"faults\":[]");
  }

  @Test
  void checkShowsWhatAPluginMayDoInWords() throws Exception {
    CliRun counts = CliRun.of(List.of("plugin", "check", "wasm-plugins/word-count"));
    CliRun computes = CliRun.of(List.of("plugin", "check", "wasm-plugins/upper"));
    CliRun asks = CliRun.of(List.of("plugin", "check", "wasm-plugins/order-report"));
    Path bad = Files.write(folder.resolve("bad.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    CliRun refused = CliRun.of(List.of("plugin", "check", bad.toString()));

    assertThat(counts.exit()).as(counts.err()).isEqualTo(Exit.OK);
    assertThat(counts.out())
        .contains(
            "admitted",
            "It may:",
            "record custom events in its own execution  (host_put_event, every tenant has it)",
            "It can never:");
    assertThat(computes.out()).contains("It computes, and asks the host for nothing.");
    assertThat(asks.out())
        .contains(
            "(host_query_pg, needs a grant)",
            "{\"grants\":{\"host_query_pg\":{\"credential\":\"NAME\"}}}");
    assertThat(refused.exit()).isEqualTo(Exit.FAILED);
    assertThat(refused.err()).contains("refused: ", "exactly one memory");
  }

  @Test
  void inspectNamesEveryFaultOfARefusedModule() throws Exception {
    Path bad = Files.write(folder.resolve("bad.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});

    CliRun run = CliRun.of(List.of("plugin", "inspect", bad.toString()));

    assertThat(run.exit()).isEqualTo(Exit.FAILED);
    assertThat(run.err()).contains("refused: ", "expected execute", "exactly one memory");
  }

  @Test
  void replayComparesOutputAndFuel() throws Exception {
    Path module =
        Files.write(
            folder.resolve("asking.wasm"),
            AskingPlugin.of("host_system_call", "{\"name\":\"version\"}"));
    String recording =
        """
        {"grants": ["host_system_call"],
         "calls": [{"name": "host_system_call", "request": {"name": "%s"}, "reply": {"v": 1}}],
         "expect": {"output": {"v": 1}}}
        """;
    Path same = Files.writeString(folder.resolve("same.json"), recording.formatted("version"));
    Path other = Files.writeString(folder.resolve("other.json"), recording.formatted("elsewhere"));

    CliRun good = CliRun.of(List.of("plugin", "replay", module.toString(), same.toString()));
    CliRun bad = CliRun.of(List.of("plugin", "replay", module.toString(), other.toString()));

    assertThat(good.exit()).as(good.out()).isEqualTo(Exit.OK);
    assertThat(good.out()).contains("output {\"v\":1}", "fuel ");
    assertThat(bad.exit()).isEqualTo(Exit.FAILED);
    assertThat(bad.out()).contains("PLUGIN_REPLAY_DIVERGED", "elsewhere", "version");
  }

  @Test
  void wrongPlacesAndNamesAreSaid() {
    assertThat(CliRun.of(List.of("plugin", "new", folder.resolve("Not Good").toString())).err())
        .contains("lower-case letters");
    assertThat(CliRun.of(List.of("plugin", "build", folder.toString())).err()).contains("build.sh");
    assertThat(CliRun.of(List.of("plugin", "test", folder.toString())).err())
        .contains("Expected one .wasm file");
    assertThat(CliRun.of(List.of("plugin", "logs", "abc")).err()).contains("id of an execution");
    assertThat(CliRun.of(List.of("plugin")).exit()).isEqualTo(Exit.USAGE);
    assertThat(CliRun.of(List.of("plugin", "--help")).out()).contains("inspect", "replay");
  }
}
