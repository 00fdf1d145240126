package io.noetl.cli;

import io.noetl.config.ConfigLoader;
import java.io.Console;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the terminal can do, if there is one.
 *
 * @param interactive whether a person watches, so that lines may be redrawn
 * @param colours whether to colour
 * @param width in columns
 */
record Terminal(boolean interactive, boolean colours, int width) {
  private static final int USUAL_WIDTH = 100;

  @SuppressWarnings("SystemConsoleNull") // since JDK 25 it is null again without a terminal
  static Terminal detect() {
    Map<String, String> environment = ConfigLoader.environment();
    @Nullable Console console = System.console();
    boolean interactive =
        console != null
            && console.isTerminal()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb")
            && !environment.getOrDefault("CI", "").equals("true");
    // https://no-color.org: set to anything.
    boolean colours = interactive && environment.getOrDefault("NO_COLOR", "").isEmpty();
    String columns = environment.getOrDefault("COLUMNS", "");
    int width = columns.matches("[1-9]\\d{1,3}") ? Integer.parseInt(columns) : USUAL_WIDTH;
    return new Terminal(interactive, colours, width);
  }
}
