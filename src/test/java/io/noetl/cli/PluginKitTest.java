package io.noetl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kits of all languages: what they make builds, and what they offer works. */
class PluginKitTest {
  /** A plug-in that logs, asks the host twice, and passes on what it heard. */
  private static final String C =
      """
      #include "noetl.h"

      NOETL_EXPORT(execute) int execute(int input_len) {
        noetl_log(NOETL_INFO, "asked");
        noetl_writer fields = noetl_writer_new();
        noetl_put_char(&fields, '{');
        noetl_put_count(&fields, "n", 7);
        noetl_put_char(&fields, '}');
        int first = noetl_put_event("kit.used", &fields);
        noetl_u8 *reply = noetl_alloc(1024);
        int length = host_reply(reply, 1024);
        noetl_text id = noetl_string(noetl_member((noetl_json){reply, (noetl_u32)length}, "event_id"));
        int second = noetl_put_event("kit.used", &fields);
        length = host_reply(reply, 1024);
        noetl_text code = noetl_string(noetl_member((noetl_json){reply, (noetl_u32)length}, "code"));
        if (input_len < 1 || first < 0 || second >= 0) return noetl_error("kit", "unexpected", 1);
        noetl_writer out = noetl_writer_new();
        noetl_put_char(&out, '{');
        noetl_put_key(&out, "id");
        noetl_put_string(&out, id);
        noetl_put_key(&out, "refused");
        noetl_put_string(&out, code);
        noetl_put_char(&out, '}');
        return noetl_output(&out);
      }
      """;

  private static final String ASSEMBLYSCRIPT =
      """
      import { JSON, Level, failure, log, output, putEvent } from "./noetl";

      export function execute(length: i32): i32 {
        log(Level.INFO, "asked");
        const fields = new JSON.Obj();
        fields.set("n", <i32>7);
        const first = putEvent("kit.used", fields);
        const second = putEvent("kit.used", fields);
        if (!first.ok || second.ok) return failure("kit", "unexpected", true);
        const result = new JSON.Obj();
        result.set("id", first.json().get("event_id")!.get<string>());
        result.set("refused", second.json().get("code")!.get<string>());
        return output(result);
      }
      """;

  private static final String RUST =
      """
      mod noetl;
      use noetl::{log, object, put_event, Call, Error, Json, Level};

      fn execute(call: &Call) -> Result<Json, Error> {
          log(Level::Info, "asked");
          assert_eq!(call.document().get("abi").and_then(Json::as_str), Some("noetl.v1"));
          let unexpected = || Error::new("kit", "unexpected").retryable();
          let first = put_event("kit.used", object([("n", 7)])).map_err(|_| unexpected())?;
          let second = put_event("kit.used", object([("n", 7)])).err().ok_or_else(unexpected)?;
          let text = |json: &Json, name| json.get(name).cloned().ok_or_else(unexpected);
          Ok(object([("id", text(&first, "event_id")?), ("refused", text(&second.detail, "code")?)]))
      }

      noetl::export!(execute);
      """;

  private static final String CALL =
      "{\"name\": \"host_put_event\", \"request\": {\"envelope\": {\"event_type\": \"kit.used\","
          + " \"context\": {\"n\": 7}}}, ";

  private static final String FIXTURE =
      "{\"input\": {}, \"grants\": [\"host_put_event\"], \"calls\": ["
          + CALL
          + "\"reply\": {\"event_id\": \"77\"}}, "
          + CALL
          + "\"code\": -8, \"reply\": {\"code\": \"UNAVAILABLE\", \"message\": \"no\"}}],"
          + " \"expect\": {\"output\": {\"id\": \"77\", \"refused\": \"UNAVAILABLE\"}}}";

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void aNewPluginBuildsAndPassesItsFixtureAndItsLibraryAsksTheHost(PluginLanguage language)
      throws Exception {
    Path greet = folder.resolve("tools").resolve("greet");
    CliRun made =
        CliRun.of(List.of("plugin", "new", "--language", language.name(), greet.toString()));
    assertThat(made.exit()).as(made.err()).isEqualTo(Exit.OK);
    build(language, greet);
    CliRun tested = CliRun.of(List.of("plugin", "test", greet.toString()));
    assertThat(tested.exit()).as(tested.out()).isEqualTo(Exit.OK);

    Files.writeString(
        greet.resolve("greet" + suffix(language)),
        switch (language) {
          case c -> C;
          case assemblyscript -> ASSEMBLYSCRIPT;
          case rust -> RUST;
        });
    Files.writeString(greet.resolve("fixtures/hello.json"), FIXTURE);
    build(language, greet);
    CliRun asked = CliRun.of(List.of("plugin", "test", greet.toString()));

    assertThat(asked.exit()).as(asked.out()).isEqualTo(Exit.OK);
    assertThat(CliRun.of(List.of("plugin", "new", greet.toString())).err())
        .contains("not to exist yet");
  }

  private static String suffix(PluginLanguage language) {
    return switch (language) {
      case c -> ".c";
      case assemblyscript -> ".ts";
      case rust -> ".rs";
    };
  }

  @ParameterizedTest
  @EnumSource
  void aMissingToolIsNamedWithTheWayToGetIt(PluginLanguage language) throws Exception {
    Path greet = folder.resolve("greet");
    CliRun.of(List.of("plugin", "new", "--language", language.name(), greet.toString()));
    Path tools = Files.createDirectory(folder.resolve("bin"));
    Files.copy(
        Path.of("/usr/bin/dirname"), tools.resolve("dirname"), StandardCopyOption.COPY_ATTRIBUTES);

    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", greet.resolve("build.sh").toString())
            .redirectErrorStream(true);
    builder.environment().put("PATH", tools.toString());
    builder.environment().remove("RUSTC");
    Process build = builder.start();
    String output = new String(build.getInputStream().readAllBytes());

    assertThat(build.waitFor()).as(output).isEqualTo(2);
    assertThat(output)
        .startsWith("build.sh: expected ")
        .contains(
            switch (language) {
              case c -> "apt-get install clang lld";
              case assemblyscript -> "apt-get install nodejs npm";
              case rust -> "rustup target add wasm32-unknown-unknown";
            });
  }

  private static void build(PluginLanguage language, Path greet) {
    CliRun built = CliRun.of(List.of("plugin", "build", greet.toString()));
    if (built.exit() == Exit.USAGE && !"true".equals(System.getenv("CI"))) {
      assumeTrue(false, "SKIPPED, the tools for " + language + " are not here: see above");
    }
    assertThat(built.exit()).as("%s: see the output of build.sh", language).isEqualTo(Exit.OK);
  }
}
