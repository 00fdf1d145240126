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

/** {@code noetl dead list}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description =
        "Lists commands whose attempts were used up and messages that nobody could handle.",
    footer = {"", "Exit code: 0 listed, also when there is none; 2 wrong usage or no server."})
final class DeadListCommand implements Callable<Integer> {
  private final Cli cli;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Most of each, the newest first: 1 to 500 (default 50).")
  private int limit = 50;

  @Mixin private @Nullable DeadOptions options;

  DeadListCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    if (limit < 1 || limit > 500) {
      throw new UserError("Expected --limit from 1 to 500, but got " + limit);
    }
    DeadOptions given = Options.given(options);
    Map<String, @Nullable Object> reply = given.client().dead(limit);
    if (given.json()) {
      cli.out().println(Json.text(reply));
      cli.out().flush();
      return Exit.OK;
    }
    List<Map<?, ?>> commands = maps(reply.get("items"));
    List<Map<?, ?>> messages = maps(reply.get("messages"));
    for (Map<?, ?> command : commands) {
      cli.out()
          .printf(
              "%-20s  %s of execution %s, attempt %s: %s%n",
              command.get("command_id"),
              command.get("node_name"),
              command.get("execution_id"),
              command.get("attempt"),
              said(command.get("reason")));
    }
    for (Map<?, ?> message : messages) {
      cli.out()
          .printf(
              "%-20s  %s at %s: %s%n",
              "m" + message.get("message_id"),
              message.get("subject"),
              message.get("created_at"),
              said(message.get("reason")));
    }
    cli.out()
        .printf("%d dead commands, %d dead messages%n", commands.size(), messages.size())
        .flush();
    if (!commands.isEmpty() || !messages.isEmpty()) {
      cli.out().println("noetl dead show ID tells more; retry ID tries again, drop ID forgets");
      cli.out().flush();
    }
    return Exit.OK;
  }

  private static String said(@Nullable Object reason) {
    return reason == null ? "no reason is known" : String.valueOf(reason);
  }

  static List<Map<?, ?>> maps(@Nullable Object list) {
    List<Map<?, ?>> maps = new ArrayList<>();
    if (list instanceof List<?> items) {
      for (Object item : items) {
        if (item instanceof Map<?, ?> map) {
          maps.add(map);
        }
      }
    }
    return maps;
  }
}
