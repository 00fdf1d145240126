package io.noetl.cli;

import io.noetl.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl dead retry} and {@code noetl dead drop}. */
abstract class DeadSettleCommand implements Callable<Integer> {
  private static final int PAGE = 500;

  private final Cli cli;

  @Parameters(
      paramLabel = "ID",
      arity = "0..*",
      description = "Ids of commands, or m and numbers of messages.")
  private List<String> ids = List.of();

  @Option(names = "--all", description = "Every one of them, at most 500 of each kind.")
  private boolean all;

  @Mixin private @Nullable DeadOptions options;

  DeadSettleCommand(Cli cli) {
    this.cli = cli;
  }

  /** Settles one at the server; what it answered. */
  abstract Map<String, @Nullable Object> settle(ApiClient client, DeadLetter letter);

  @Override
  public Integer call() {
    if (all != ids.isEmpty()) {
      throw new UserError(
          "Expected ids of dead letters or --all, but got " + (all ? "both" : "none"));
    }
    DeadOptions given = Options.given(options);
    ApiClient client = given.client();
    List<Object> replies = new ArrayList<>();
    boolean refused = false;
    for (DeadLetter letter : all ? every(client) : ids.stream().map(DeadLetter::of).toList()) {
      try {
        Map<String, @Nullable Object> reply = settle(client, letter);
        replies.add(reply);
        if (!given.json()) {
          cli.out().println(letter + " " + reply.get("status") + started(reply));
        }
      } catch (ApiException e) {
        // One that cannot be settled does not keep back the others.
        refused = true;
        cli.err().println("noetl: " + letter + ": " + e.getMessage());
      }
    }
    if (given.json()) {
      cli.out().println(Json.text(replies));
    }
    cli.out().flush();
    cli.err().flush();
    return refused ? Exit.FAILED : Exit.OK;
  }

  private static String started(Map<String, @Nullable Object> reply) {
    Object started = reply.get("execution_id");
    return started == null ? "" : ": execution " + started + " was started";
  }

  private static List<DeadLetter> every(ApiClient client) {
    Map<String, @Nullable Object> dead = client.dead(PAGE);
    List<DeadLetter> letters = new ArrayList<>();
    for (Map<?, ?> command : DeadListCommand.maps(dead.get("items"))) {
      letters.add(new DeadLetter(false, String.valueOf(command.get("command_id"))));
    }
    for (Map<?, ?> message : DeadListCommand.maps(dead.get("messages"))) {
      letters.add(new DeadLetter(true, String.valueOf(message.get("message_id"))));
    }
    return letters;
  }

  /** Tries again. */
  @Command(
      sortOptions = false,
      usageHelpWidth = 100,
      description = {
        "Tries again. Of a command, starts its playbook once more, with the same version and"
            + " payload;",
        "of a message, has the command offered again of which it speaks."
      },
      footer = {
        "",
        "Exit code: 0 all were tried again; 1 some could not; 2 wrong usage or no server.",
        "",
        "Examples:",
        "  noetl dead retry 643190240526602240",
        "  noetl dead retry m1 m2"
      })
  static final class Retry extends DeadSettleCommand {
    Retry(Cli cli) {
      super(cli);
    }

    @Override
    Map<String, @Nullable Object> settle(ApiClient client, DeadLetter letter) {
      return client.retryDead(letter.path());
    }
  }

  /** Forgets. */
  @Command(
      sortOptions = false,
      usageHelpWidth = 100,
      description = "Forgets dead letters. No execution is changed, and nothing is tried again.",
      footer = {
        "",
        "Exit code: 0 all are forgotten; 1 some could not; 2 wrong usage or no server.",
        "",
        "Examples:",
        "  noetl dead drop m1",
        "  noetl dead drop --all"
      })
  static final class Drop extends DeadSettleCommand {
    Drop(Cli cli) {
      super(cli);
    }

    @Override
    Map<String, @Nullable Object> settle(ApiClient client, DeadLetter letter) {
      return client.dropDead(letter.path());
    }
  }
}
