package io.noetl.cli;

import io.noetl.mode.Mode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code noetl server}, {@code noetl worker}, …: short for {@code --mode}. */
@Command(sortOptions = false, usageHelpWidth = 100)
final class RoleCommand implements Callable<Integer> {
  private final Cli cli;
  private final Mode mode;

  @Mixin private @Nullable ConfigOptions config;
  @Mixin private @Nullable RoleOptions role;

  RoleCommand(Cli cli, Mode mode) {
    this.cli = cli;
    this.mode = mode;
  }

  @Override
  public Integer call() {
    return new RoleProcess(cli).run(mode, Options.given(config), Options.given(role));
  }
}
