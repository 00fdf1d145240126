package io.noetl.cli;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl plugin logs}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Shows what the plug-ins of an execution logged and asked the host for, and what their calls",
      "cost."
    },
    footer = {"", "Exit code: 0 shown, 2 no such execution, or no server."})
final class PluginLogsCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(paramLabel = "EXECUTION", description = "Its id.")
  private @Nullable String execution;

  @Option(names = "--server", paramLabel = "URL", description = "Default: http://127.0.0.1:8082.")
  private URI server = URI.create("http://127.0.0.1:8082");

  @Mixin private @Nullable ServerToken token;

  PluginLogsCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    String id = Options.given(execution);
    if (!id.matches("[0-9]{1,19}")) {
      throw new UserError("Expected the id of an execution, which is a number, but got " + id);
    }
    ApiClient api = new ApiClient(server, Options.given(token).shown());
    String cursor = "";
    while (true) {
      Map<String, @Nullable Object> page = api.eventPage(id, cursor);
      if (page.get("events") instanceof List<?> events) {
        events.forEach(this::show);
      }
      if (!(page.get("next_cursor") instanceof String next)) {
        return Exit.OK;
      }
      cursor = next;
    }
  }

  private void show(@Nullable Object event) {
    if (!(event instanceof Map<?, ?> members)) {
      return;
    }
    String step = String.valueOf(members.get("step"));
    if ("capability.called".equals(members.get("event_type"))
        && members.get("context") instanceof Map<?, ?> call) {
      cli.out()
          .println(
              step
                  + "  host   "
                  + call.get("capability")
                  + " -> "
                  + call.get("code")
                  + "  ("
                  + call.get("micros")
                  + " us)");
    }
    Map<?, ?> meta = meta(members.get("result"));
    if (meta == null) {
      return;
    }
    if (meta.get("log") instanceof List<?> lines) {
      lines.forEach(line -> cli.out().println(step + "  log    " + line));
    }
    cli.out()
        .println(
            step
                + "  call   fuel "
                + meta.get("fuel")
                + ", guest "
                + meta.get("guest_micros")
                + " us, host "
                + meta.get("host_micros")
                + " us, "
                + meta.get("host_calls")
                + " host calls");
  }

  /** The figures of a plug-in's call, wherever the result keeps them. */
  private static @Nullable Map<?, ?> meta(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> members)) {
      return null;
    }
    if (members.containsKey("fuel") && members.containsKey("guest_micros")) {
      return members;
    }
    for (String name : List.of("meta", "context", "outcome")) {
      Map<?, ?> found = meta(members.get(name));
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
