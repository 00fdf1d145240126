package io.noetl.cli;

import io.noetl.json.Json;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl policy show}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description =
        "Shows how policies stand; with PART also its source and what was compiled of it.",
    footer = {
      "",
      "Exit code: 0 all is well, 1 a policy is too old or its latest compilation failed, 2 no"
          + " server."
    })
final class PolicyShowCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(paramLabel = "PART", arity = "0..1", description = "auth or rbac.")
  private @Nullable String part;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  @Mixin private @Nullable PolicyServer server;

  PolicyShowCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    ApiClient client = Options.given(server).client();
    Map<String, @Nullable Object> shown =
        part == null ? client.policies() : client.policy(PolicyServer.part(part).word());
    List<?> parts = shown.get("parts") instanceof List<?> list ? list : List.of(shown);
    boolean good = true;
    for (Object one : parts) {
      Map<?, ?> standing = (Map<?, ?>) one;
      good &= standing.get("error") == null && !"stale".equals(standing.get("state"));
      if (output == OutputFormat.text) {
        print(standing);
      }
    }
    if (output == OutputFormat.json) {
      cli.out().println(Json.text(shown));
    }
    cli.out().flush();
    return good ? Exit.OK : Exit.FAILED;
  }

  private void print(Map<?, ?> standing) {
    StringBuilder line = new StringBuilder();
    line.append(standing.get("part")).append(": ").append(standing.get("state"));
    if (standing.get("confirmed_at") != null) {
      line.append(", version ")
          .append(standing.get("version"))
          .append(" with ")
          .append(standing.get("rules"))
          .append(" rules, confirmed ")
          .append(standing.get("age_seconds"))
          .append(" s ago");
    }
    cli.out().println(line);
    if (standing.get("error") != null) {
      cli.out().println("  latest compilation failed: " + standing.get("error"));
    }
    for (String member : List.of("source", "document")) {
      if (standing.get(member) != null) {
        cli.out().println("  " + member + ": " + Json.text(standing.get(member)));
      }
    }
  }
}
