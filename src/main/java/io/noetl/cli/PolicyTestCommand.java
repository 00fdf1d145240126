package io.noetl.cli;

import io.noetl.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl policy test}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Asks a server what it would say to a caller, and which rule would decide.",
    footer = {
      "",
      "Exit code: 0 allowed, 1 denied, 2 wrong usage or no server.",
      "",
      "Example:",
      "  noetl policy test POST /api/execute --path billing/daily --subject ada --role user"
    })
final class PolicyTestCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(index = "0", paramLabel = "METHOD", description = "Such as POST.")
  private @Nullable String method;

  @Parameters(index = "1", paramLabel = "ROUTE", description = "Such as /api/execute.")
  private @Nullable String route;

  @Option(names = "--path", paramLabel = "PATH", description = "The entry that it is about.")
  private @Nullable String path;

  @Option(names = "--subject", paramLabel = "NAME", description = "Who asks.")
  private @Nullable String subject;

  @Option(names = "--for", paramLabel = "TENANT", description = "The caller's tenant.")
  private @Nullable String tenant;

  @Option(names = "--role", paramLabel = "ROLE", description = "May be repeated.")
  private List<String> roles = List.of();

  @Option(names = "--group", paramLabel = "GROUP", description = "May be repeated.")
  private List<String> groups = List.of();

  @Option(names = "--claim", paramLabel = "NAME=VALUE", description = "May be repeated.")
  private Map<String, String> claims = Map.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  @Mixin private @Nullable PolicyServer server;

  PolicyTestCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("method", method);
    body.put("route", route);
    put(body, "path", path);
    put(body, "subject", subject);
    put(body, "tenant", tenant);
    body.put("roles", roles);
    body.put("groups", groups);
    body.put("claims", claims);
    Map<String, @Nullable Object> said = Options.given(server).client().askPolicies("test", body);
    boolean allowed = Boolean.TRUE.equals(said.get("allowed"));
    if (output == OutputFormat.json) {
      cli.out().println(Json.text(said));
    } else {
      cli.out()
          .println(
              (allowed ? "allowed by " : "denied by ")
                  + said.get("reason")
                  + " (version "
                  + said.get("version")
                  + ", tenant "
                  + said.get("tenant")
                  + ", roles "
                  + said.get("roles")
                  + ")");
    }
    cli.out().flush();
    return allowed ? Exit.OK : Exit.FAILED;
  }

  private static void put(Map<String, @Nullable Object> body, String name, @Nullable String value) {
    if (value != null) {
      body.put(name, value);
    }
  }
}
