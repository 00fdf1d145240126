package io.noetl.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code noetl plugin build}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Runs the build.sh of a plug-in's folder; its tools must be on PATH.",
    footer = {
      "",
      "Exit code: 0 built, 1 the build failed, 2 a tool is missing (build.sh says which), or there"
          + " is",
      "  no build.sh."
    })
final class PluginBuildCommand implements Callable<Integer> {
  /** What build.sh of a template ends with when it cannot begin. */
  private static final int TOOL_MISSING = 2;

  @Parameters(paramLabel = "FOLDER", description = "The folder of the plug-in.")
  private @Nullable Path folder;

  @Override
  public Integer call() throws InterruptedException {
    Path script = Options.given(folder).resolve("build.sh").toAbsolutePath();
    if (!Files.isRegularFile(script)) {
      throw new UserError("Expected " + script + ", but it is not there");
    }
    try {
      int code = new ProcessBuilder("sh", script.toString()).inheritIO().start().waitFor();
      return switch (code) {
        case 0 -> Exit.OK;
        case TOOL_MISSING -> Exit.USAGE;
        default -> Exit.FAILED;
      };
    } catch (IOException e) {
      throw new UserError("Expected to run " + script + ", but " + e.getMessage());
    }
  }
}
