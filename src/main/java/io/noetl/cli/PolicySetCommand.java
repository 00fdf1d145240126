package io.noetl.cli;

import io.noetl.policy.compiled.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl policy set}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Sets what a policy is compiled from, and waits until it is in force. When it cannot be"
          + " compiled,",
      "the policy of before stays in force."
    },
    footer = {
      "",
      "Exit code: 0 in force, 1 not compiled (in time), 2 refused, or no server.",
      "",
      "Example:",
      "  noetl policy set rbac rbac.yaml"
    })
final class PolicySetCommand implements Callable<Integer> {
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Cli cli;

  @Parameters(index = "0", paramLabel = "PART", description = "auth or rbac.")
  private @Nullable String part;

  @Parameters(index = "1", paramLabel = "FILE", description = "Its source, YAML or JSON.")
  private @Nullable Path file;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long to wait for it; 0: not at all. Default: 60.")
  private int waitSeconds;

  @Mixin private @Nullable PolicyServer server;

  PolicySetCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() throws InterruptedException {
    Part which = PolicyServer.part(part);
    String text = PolicyServer.text(Options.given(file));
    ApiClient client = Options.given(server).client();
    long wanted =
        number(client.askPolicies(which.word(), Map.of("content", text)), "source_version");
    long end = System.nanoTime() + Duration.ofSeconds(waitSeconds).toNanos();
    while (waitSeconds > 0) {
      Map<String, @Nullable Object> now = client.policy(which.word());
      if (number(now, "source_version") >= wanted) {
        if (now.get("error") != null) {
          cli.err().println(which.word() + " was not compiled: " + now.get("error"));
          return Exit.FAILED;
        }
        if (number(now, "compiled_from") >= wanted) {
          cli.out()
              .println(
                  which.word()
                      + " version "
                      + now.get("version")
                      + " is in force: "
                      + now.get("rules")
                      + " rules");
          cli.out().flush();
          return Exit.OK;
        }
      }
      if (System.nanoTime() > end) {
        cli.err()
            .println(which.word() + " is not compiled yet; see noetl policy show " + which.word());
        return Exit.FAILED;
      }
      Thread.sleep(PAUSE);
    }
    cli.out().println(which.word() + " is accepted");
    cli.out().flush();
    return Exit.OK;
  }

  private static long number(Map<String, @Nullable Object> policy, String name) {
    return policy.get(name) instanceof Number number ? number.longValue() : 0;
  }
}
