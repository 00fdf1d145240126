package io.noetl.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.noetl.json.Json;
import io.noetl.wasm.PluginResult.LogLevel;
import io.noetl.wasm.PluginResult.LogLine;
import io.noetl.wasm.PluginResult.Ok;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The plug-ins that ship with the project: their fixtures, and that their bytes are their source.
 */
@ExtendWith(GuestThreads.class)
final class BundledPluginTest {
  private static final Path ROOT = Path.of("wasm-plugins");
  private static final List<String> PLUGINS =
      List.of(
          "upper", "word-count", "system/retention", "system/doctor", "system/rbac", "system/auth");

  private final PluginHost host = new PluginHost(TestModules.limits(), new EndiveEngine());

  static List<String> plugins() throws IOException {
    try (Stream<Path> folders = Files.walk(ROOT, 2)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve(folder.getFileName() + ".wasm")))
          .map(folder -> ROOT.relativize(folder).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void everyCapabilityHasAPluginThatShowsIt() throws Exception {
    Set<String> shown = new TreeSet<>();
    for (String plugin : plugins()) {
      List<String> asked =
          new PluginInspector(TestModules.limits())
              .inspect(bytes(plugin)).imports().stream()
                  .map(PluginInspection.Import::name)
                  .filter(HostCapabilities.names()::contains)
                  .sorted()
                  .toList();
      String manifest = Files.readString(ROOT.resolve(plugin).resolve("plugin.yaml"));
      assertThat(asked).allSatisfy(name -> assertThat(manifest).contains(name));
      shown.addAll(asked);
    }
    assertThat(shown).isEqualTo(HostCapabilities.names());
  }

  static Stream<Path> fixtures() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String plugin : PLUGINS) {
      try (Stream<Path> files = Files.list(ROOT.resolve(plugin).resolve("fixtures"))) {
        files.sorted().forEach(all::add);
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void endsAsItsFixtureSaysInBothModes(Path file) throws Exception {
    Map<String, @Nullable Object> fixture = Json.parseObject(Files.readString(file));
    Map<?, ?> expected = (Map<?, ?>) fixture.get("expect");

    for (EngineMode mode : EngineMode.values()) {
      List<@Nullable Object> requests = new ArrayList<>();
      PluginModule module = load(plugin(file), mode);
      PluginResult result =
          host.call(
              module,
              TestModules.call(input(fixture)),
              grants(fixture),
              HostFunctions.of(canned(fixture, requests)));

      assertThat(output(result)).as("%s in mode %s", file, mode).isEqualTo(expected.get("output"));
      assertThat(result instanceof Ok).isEqualTo(Long.valueOf(0).equals(expected.get("code")));
      assertThat(requests).isEqualTo(requestsOf(fixture));
    }
  }

  @ParameterizedTest
  @EnumSource
  void wordCountLogsAndRecordsItsEventInItsOwnExecution(EngineMode mode) throws Exception {
    List<Map<String, @Nullable Object>> events = new ArrayList<>();
    PutEventCapability put =
        new PutEventCapability(
            (context, envelope) -> {
              events.add(envelope);
              return "77";
            });

    PluginResult result =
        host.call(
            load("word-count", mode),
            TestModules.call(Map.of("text", "one two")),
            PluginGrants.tenantDefault("acme"),
            HostFunctions.of(put));

    assertThat(result).isInstanceOf(Ok.class);
    assertThat(result.usage().hostCalls()).isEqualTo(1);
    assertThat(result.usage().log()).containsExactly(new LogLine(LogLevel.INFO, "text counted"));
    assertThat(events).hasSize(1);
    assertThat(Json.text(events.get(0)))
        .isEqualTo(
            "{\"execution_id\":\"900\",\"event_type\":\"text.counted\",\"step\":\"count\","
                + "\"context\":{\"words\":2,\"characters\":7,\"lines\":1},\"actionable\":false,"
                + "\"meta\":{\"command_id\":\"901\",\"plugin\":\"acme/word-count\","
                + "\"plugin_version\":1}}");
  }

  @Test
  void wordCountGoesOnWhenItsEventIsRefused() throws Exception {
    PutEventCapability put =
        new PutEventCapability(
            (context, envelope) -> {
              throw new HostCallException(HostError.UNAVAILABLE, "no server");
            });

    PluginResult result =
        host.call(
            load("word-count", EngineMode.COMPILED),
            TestModules.call(Map.of("text", "one two")),
            PluginGrants.tenantDefault("acme"),
            HostFunctions.of(put));

    assertThat(result).isInstanceOf(Ok.class);
    assertThat(result.usage().log())
        .containsExactly(
            new LogLine(LogLevel.WARN, "the event was refused"),
            new LogLine(LogLevel.INFO, "text counted"));
  }

  @Test
  void wordCountCountsALongText() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 200_000; i++) {
      text.append('w').append(i % 1000).append(' ');
    }

    PluginHost generous =
        new PluginHost(TestModules.limits().withFuel(1_000_000_000), new EndiveEngine());
    PluginResult result =
        generous.call(
            load("word-count", EngineMode.COMPILED),
            TestModules.call(Map.of("text", text.toString(), "top", 1)),
            PluginGrants.tenantDefault("acme"),
            TestModules.host());

    assertThat(output(result))
        .isEqualTo(
            Json.parse(
                "{\"bytes\":"
                    + text.length()
                    + ",\"characters\":"
                    + text.length()
                    + ",\"words\":200000,\"distinct\":1000,\"lines\":1,\"longest\":\"w100\","
                    + "\"top\":[{\"word\":\"w0\",\"count\":200}]}"));
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void moduleHasTheDigestBesideIt(String plugin) throws Exception {
    String line = Files.readString(ROOT.resolve(plugin).resolve(name(plugin) + ".wasm.sha256"));

    assertThat(line)
        .isEqualTo(PluginInspector.digest(bytes(plugin)) + "  " + name(plugin) + ".wasm\n");
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void moduleIsWhatItsSourceBuilds(String plugin, @TempDir Path folder) throws Exception {
    boolean present = runs("clang", "--version") && runs("wasm-ld", "--version");
    if (!present && "true".equals(System.getenv("CI"))) {
      throw new AssertionError(
          "Expected clang and wasm-ld in continuous integration, but they are not on PATH");
    }
    assumeTrue(present, "SKIPPED: clang and wasm-ld are not on PATH, nothing was rebuilt");
    Path rebuilt = folder.resolve(name(plugin) + ".wasm");

    Process build =
        new ProcessBuilder(
                ROOT.resolve(plugin).resolve("build.sh").toAbsolutePath().toString(),
                rebuilt.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(build.getInputStream().readAllBytes());

    assertThat(build.waitFor()).as(output).isZero();
    byte[] fresh = Files.readAllBytes(rebuilt);
    String recorded = Files.readString(ROOT.resolve(plugin).resolve(name(plugin) + ".wasm.tools"));
    if (recorded.equals(tools())) {
      assertThat(PluginInspector.digest(fresh)).isEqualTo(PluginInspector.digest(bytes(plugin)));
    } else {
      System.out.println(
          "ATTENTION: "
              + plugin
              + ".wasm was made by "
              + recorded.replace("\n", ", ")
              + "but here is "
              + tools().replace("\n", ", ")
              + "so that imports, exports and behaviour are compared instead of bytes");
      sameBehaviour(plugin, fresh);
    }
  }

  private void sameBehaviour(String plugin, byte[] fresh) throws Exception {
    PluginInspector inspector = new PluginInspector(TestModules.limits());
    PluginInspection committed = inspector.inspect(bytes(plugin));
    assertThat(inspector.inspect(fresh).imports())
        .containsExactlyInAnyOrderElementsOf(committed.imports());
    assertThat(inspector.inspect(fresh).exports())
        .containsExactlyInAnyOrderElementsOf(committed.exports());
    PluginRehearsal rehearsal = new PluginRehearsal(TestModules.limits());
    try (Stream<Path> files = Files.list(ROOT.resolve(plugin).resolve("fixtures"))) {
      for (Path file : files.toList()) {
        PluginScript fixture = PluginScript.parse(Files.readString(file));
        assertThat(rehearsal.run(fresh, fixture, EngineMode.COMPILED).problems())
            .as("%s", file)
            .isEmpty();
      }
    }
  }

  private static String tools() throws IOException {
    return firstLine("clang") + "\n" + firstLine("wasm-ld") + "\n";
  }

  private static String firstLine(String tool) throws IOException {
    Process process = new ProcessBuilder(tool, "--version").redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes()).lines().findFirst().orElse("");
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(Duration.ofSeconds(20).toSeconds(), TimeUnit.SECONDS)
          && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Without the folder in which it is. */
  private static String name(String plugin) {
    return plugin.substring(plugin.lastIndexOf('/') + 1);
  }

  private static String plugin(Path fixture) {
    return ROOT.relativize(fixture.getParent().getParent()).toString();
  }

  static byte[] bytes(String plugin) throws IOException {
    return Files.readAllBytes(ROOT.resolve(plugin).resolve(name(plugin) + ".wasm"));
  }

  static PluginModule load(String plugin, EngineMode mode) throws IOException {
    return TestModules.module("acme/" + plugin, bytes(plugin), mode);
  }

  @SuppressWarnings("unchecked") // a fixture's input is an object
  private static Map<String, @Nullable Object> input(Map<String, @Nullable Object> fixture) {
    return (Map<String, @Nullable Object>) fixture.get("input");
  }

  private static @Nullable Object output(PluginResult result) {
    return switch (result) {
      case Ok(Object output, _) -> output;
      case PluginResult.GuestError error -> {
        Map<String, @Nullable Object> told = error.error();
        told.remove("kind");
        yield Json.parse(Json.bytes(told));
      }
      case PluginResult.Failed failed -> failed.message();
    };
  }

  private static PluginGrants grants(Map<String, @Nullable Object> fixture) {
    return PluginGrants.of(
        "acme",
        ((List<?>) fixture.get("grants")).stream().map(String::valueOf).toArray(String[]::new));
  }

  private static List<@Nullable Object> requestsOf(Map<String, @Nullable Object> fixture) {
    List<@Nullable Object> requests = new ArrayList<>();
    for (Object call : (List<?>) fixture.get("calls")) {
      requests.add(((Map<?, ?>) call).get("request"));
    }
    return requests;
  }

  /** Answers as the fixture says and keeps what was asked. */
  private static HostCapability canned(
      Map<String, @Nullable Object> fixture, List<@Nullable Object> requests) {
    return new HostCapability() {
      @Override
      public String name() {
        return ((List<?>) fixture.get("grants"))
            .stream().map(String::valueOf).findFirst().orElse("host_put_event");
      }

      @Override
      public HostReply call(HostCallContext context, byte[] request) {
        requests.add(Json.parse(request));
        Map<?, ?> call = (Map<?, ?>) ((List<?>) fixture.get("calls")).get(context.ordinal() - 1);
        return new HostReply.Done(Json.bytes(call.get("reply")));
      }
    };
  }
}
