package io.noetl.cli;

import io.noetl.json.Json;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code noetl dead show}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Shows all that is known of one dead command or message.",
    footer = {"", "Exit code: 0 shown; 2 there is none of this name, wrong usage or no server."})
final class DeadShowCommand implements Callable<Integer> {
  /** Most messages that the server gives at once. */
  private static final int MOST = 500;

  private final Cli cli;

  @Parameters(paramLabel = "ID", description = "Id of a command, or m and number of a message.")
  private @Nullable String id;

  @Mixin private @Nullable DeadOptions options;

  DeadShowCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    DeadLetter letter = DeadLetter.of(Options.given(id));
    DeadOptions given = Options.given(options);
    Map<?, ?> shown = letter.message() ? message(given, letter) : command(given, letter);
    if (given.json()) {
      cli.out().println(Json.text(shown));
    } else {
      shown.forEach(
          (name, value) ->
              cli.out()
                  .printf("%-14s %s%n", name, value instanceof String ? value : Json.text(value)));
    }
    cli.out().flush();
    return Exit.OK;
  }

  private static Map<?, ?> command(DeadOptions given, DeadLetter letter) {
    Map<String, @Nullable Object> command = given.client().command(letter.id());
    if (!Boolean.TRUE.equals(command.get("dead"))) {
      throw new UserError(
          "Expected a dead command, but " + letter + " is " + command.get("status"));
    }
    return command;
  }

  private static Map<?, ?> message(DeadOptions given, DeadLetter letter) {
    return DeadListCommand.maps(given.client().deadMessages(MOST).get("items")).stream()
        .filter(message -> letter.id().equals(message.get("message_id")))
        .findFirst()
        .orElseThrow(
            () ->
                new UserError(
                    "Expected " + letter + " among the newest " + MOST + ", but it is not there"));
  }
}
