package io.noetl.cli;

import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl doctor}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Names what is broken of executions, and repairs it.",
    footer = {
      "",
      "Asks a server, because repairs are decided by one: lost commands and waits come back, rows",
      "are made again from the events, and what nothing can bring on ends as failed. Events are",
      "never changed. noetl verify looks at the whole database, also without a server.",
      "",
      "Exit code: 0 nothing is broken (any more), 1 something is, 2 wrong usage or no server.",
      "",
      "Examples:",
      "  noetl doctor 643190240526602240",
      "  noetl doctor --all --repair              all executions that run"
    })
final class DoctorCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(paramLabel = "EXECUTION", arity = "0..1", description = "Id of one execution.")
  private @Nullable String execution;

  @Option(names = "--all", description = "Every execution that has not ended.")
  private boolean all;

  @Option(names = "--repair", description = "Repairs what it can; else nothing is changed.")
  private boolean repair;

  @Option(names = "--server", paramLabel = "URL", description = "Default: http://127.0.0.1:8082.")
  private URI server = URI.create("http://127.0.0.1:8082");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  @Mixin private @Nullable ServerToken token;

  DoctorCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    Long id = VerifyCommand.executionId(execution, all);
    ApiClient client = new ApiClient(server, Options.given(token).shown());
    List<Object> reports = new ArrayList<>();
    boolean broken = false;
    long looked = 0;
    long after = 0;
    List<String> ids = id == null ? client.running(0) : List.of(Ids.text(id));
    while (!ids.isEmpty()) {
      for (String one : ids) {
        Map<String, @Nullable Object> report = repair ? client.repair(one) : client.diagnose(one);
        looked++;
        broken |= !list(report, "broken_invariants").isEmpty();
        if (id != null || !healthy(report)) {
          reports.add(report);
          if (output == OutputFormat.text) {
            print(one, report);
          }
        }
      }
      if (id != null) {
        break;
      }
      after += ids.size();
      ids = client.running(after);
    }
    if (output == OutputFormat.json) {
      Map<String, @Nullable Object> document = new LinkedHashMap<>();
      document.put("valid", !broken);
      document.put("executions", looked);
      document.put("reports", reports);
      cli.out().println(Json.text(document));
    } else {
      cli.out().println(looked + " executions, " + (broken ? "some are broken" : "none is broken"));
    }
    cli.out().flush();
    return broken ? Exit.FAILED : Exit.OK;
  }

  private static boolean healthy(Map<String, @Nullable Object> report) {
    return list(report, "broken_invariants").isEmpty() && list(report, "repaired").isEmpty();
  }

  private static List<?> list(Map<String, @Nullable Object> report, String name) {
    return report.get(name) instanceof List<?> list ? list : List.of();
  }

  private void print(String id, Map<String, @Nullable Object> report) {
    for (Object waited : list(report, "waiting_on")) {
      if (waited instanceof Map<?, ?> map) {
        cli.out()
            .println(
                id
                    + " waits for "
                    + map.get("kind")
                    + (map.get("step") == null ? "" : " of step " + map.get("step"))
                    + " since "
                    + map.get("since"));
      }
    }
    for (Object repaired : list(report, "repaired")) {
      if (repaired instanceof Map<?, ?> map) {
        cli.out().println(id + " repaired " + map.get("rule") + ": " + map.get("action"));
      }
    }
    for (Object fault : list(report, "broken_invariants")) {
      if (fault instanceof Map<?, ?> map) {
        cli.out()
            .println(
                id
                    + " "
                    + map.get("rule")
                    + " ("
                    + map.get("invariant")
                    + "): "
                    + map.get("message"));
      }
    }
    if (!repair && !list(report, "repairs").isEmpty()) {
      cli.out().println(id + " may be repaired: noetl doctor --repair " + id);
    }
  }
}
