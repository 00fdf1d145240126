package io.noetl.cli;

import io.noetl.json.Json;
import io.noetl.playbook.DiagnosticPrinter;
import io.noetl.playbook.ParseResult;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl run FILE}: one playbook from its text to its result. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Runs a playbook and shows its steps and its result.",
    footer = {
      "",
      "Without --server every role is started in this process, for the length of the run. Progress",
      "goes to stderr, the result to stdout.",
      "",
      "Ctrl-C cancels the execution; with --server it leaves it running, and says how to cancel"
          + " it.",
      "",
      "Exit code: 0 COMPLETED, 1 FAILED or CANCELLED, 2 wrong usage, invalid playbook or no"
          + " server.",
      "",
      "Examples:",
      "  noetl run hello.yaml --set name=Ada --set times=3",
      "  noetl run hello.yaml --payload @input.json -o json",
      "  noetl run hello.yaml --server http://127.0.0.1:8082",
      "  noetl run count.yaml --plugin tools/count=plug-ins/count"
    })
final class RunCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(paramLabel = "FILE", description = "Playbook in YAML.")
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "One member of the input; a value that is JSON counts as that, any other is text. May be"
              + " repeated; wins over --payload.")
  private List<String> sets = List.of();

  @Option(
      names = "--payload",
      paramLabel = "JSON|@FILE",
      description = "The input as a JSON object, or a file that holds it.")
  private @Nullable String payload;

  @Option(
      names = "--plugin",
      paramLabel = "PATH=FOLDER|FILE",
      description =
          "Registers a WASM module under this catalog path before the run: a .wasm file, or a"
              + " folder that holds one. May be repeated.")
  private List<String> plugins = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description =
          "text (default), or json: one object with execution_id, status, result, error, steps.")
  private OutputFormat output = OutputFormat.text;

  @Option(
      names = "--server",
      paramLabel = "URL",
      description = "A server that is already up, such as http://127.0.0.1:8082.")
  private @Nullable URI server;

  @Mixin private @Nullable ServerToken token;
  @Mixin private @Nullable EmbeddedOptions embedded;
  @Mixin private @Nullable ConfigOptions config;

  RunCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    Path playbook = Options.given(file);
    String text = Payloads.read(playbook);
    Map<String, @Nullable Object> input = Payloads.of(payload, sets);
    Map<String, byte[]> modules = modules();
    ServerToken.Shown shown = Options.given(token).shown();
    URI remote = server;
    if (remote != null) {
      try (RunSession session = RunSession.onServer(cli.err(), checked(remote), shown)) {
        return run(session, text, input, modules);
      }
    }
    // Nobody should wait for a server to start only to read of a typing error.
    if (LocalParser.parse(text) instanceof ParseResult.Invalid invalid) {
      cli.err().print(new DiagnosticPrinter(playbook.toString(), text).print(invalid.errors()));
      throw new UserError(
          "Expected a valid playbook, but "
              + playbook
              + " has "
              + invalid.errors().size()
              + (invalid.errors().size() == 1 ? " error" : " errors"));
    }
    Logs.onlyTrouble();
    Map<String, String> settings = Options.given(embedded).settings();
    // A run disturbs nobody: neither a server on the usual port nor one that was asked for.
    settings.putIfAbsent("server.port", "0");
    try (RunSession session =
        RunSession.embedded(
            cli.err(),
            cli.roles().embedded(),
            Options.given(config).load(settings).config(),
            shown)) {
      return run(session, text, input, modules);
    }
  }

  /** The plug-ins by path, read before anything is started. */
  private Map<String, byte[]> modules() {
    Map<String, byte[]> modules = new LinkedHashMap<>();
    for (String plugin : plugins) {
      PluginFile file = PluginFile.of(plugin);
      modules.put(file.path(), file.bytes());
    }
    return modules;
  }

  private int run(
      RunSession session,
      String text,
      Map<String, @Nullable Object> input,
      Map<String, byte[]> modules) {
    ApiClient api = session.api();
    modules.forEach(api::registerPlugin);
    ApiClient.Registered registered = api.register(text);
    String executionId = api.execute(registered, input);
    session.executing(executionId);
    try (ProgressView view = view()) {
      view.started(registered.path(), registered.version(), executionId);
      String status = new ExecutionFollower(api).follow(executionId, view::event, view::trouble);
      view.ended(status);
      show(executionId, status, api.execution(executionId), view.board());
      return status.equals("COMPLETED") ? Exit.OK : Exit.FAILED;
    }
  }

  private ProgressView view() {
    if (output == OutputFormat.json) {
      return new QuietProgress();
    }
    Terminal terminal = cli.terminal();
    return terminal.interactive()
        ? new LiveProgress(
            cli.err(), InstantSource.system(), terminal.width(), terminal.colours(), true)
        : new PlainProgress(cli.err());
  }

  private void show(
      String executionId, String status, Map<String, @Nullable Object> execution, StepBoard board) {
    Object result = execution.get("result");
    String error = StepBoard.error(execution);
    if (output == OutputFormat.json) {
      Map<String, @Nullable Object> document = new LinkedHashMap<>();
      document.put("execution_id", executionId);
      document.put("status", status);
      document.put("result", result);
      document.put("error", error.isEmpty() ? null : error);
      document.put("steps", board.json());
      cli.out().println(Json.text(document));
      return;
    }
    if (!error.isEmpty()) {
      cli.err().println(error);
    }
    if (result != null) {
      cli.out().println(PrettyJson.text(result));
    }
  }

  private static URI checked(URI server) {
    if (server.getHost() == null
        || !List.of("http", "https").contains(String.valueOf(server.getScheme()))) {
      throw new UserError(
          "Expected --server with an address such as http://127.0.0.1:8082, but got " + server);
    }
    return server;
  }
}
