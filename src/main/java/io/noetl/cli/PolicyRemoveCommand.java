package io.noetl.cli;

import io.noetl.policy.compiled.Part;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code noetl policy remove}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Takes a policy away: from then on the built-in rules alone hold.",
    footer = {"", "Exit code: 0 removed, 2 refused, or no server."})
final class PolicyRemoveCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(paramLabel = "PART", description = "auth or rbac.")
  private @Nullable String part;

  @Mixin private @Nullable PolicyServer server;

  PolicyRemoveCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    Part which = PolicyServer.part(part);
    Options.given(server).client().removePolicy(which.word());
    cli.out().println(which.word() + " is removed");
    cli.out().flush();
    return Exit.OK;
  }
}
