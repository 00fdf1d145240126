package io.noetl.pool;

import io.noetl.pool.ServerClient.Reply;
import io.noetl.tool.container.JobReaper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks the server which commands have ended. Safe for use by many threads. */
public final class EndedCommands implements JobReaper.Commands {
  /** Commands in one question. */
  private static final int BATCH = 1_000;

  private final ServerClient server;

  public EndedCommands(ServerClient server) {
    this.server = server;
  }

  @Override
  public Set<String> ended(Map<String, String> executions) {
    Set<String> ended = new HashSet<>();
    List<@Nullable Object> batch = new ArrayList<>();
    for (Map.Entry<String, String> entry : executions.entrySet()) {
      batch.add(Map.of("command_id", entry.getKey(), "execution_id", entry.getValue()));
      if (batch.size() == BATCH) {
        ended.addAll(ask(batch));
        batch.clear();
      }
    }
    if (!batch.isEmpty()) {
      ended.addAll(ask(batch));
    }
    return ended;
  }

  private List<String> ask(List<@Nullable Object> commands) {
    Reply reply = server.post("/api/commands/ended", Map.of("commands", commands));
    if (!reply.ok() || !(reply.body().get("ended") instanceof List<?> ended)) {
      throw new IllegalStateException(
          "Expected the server to say which commands have ended, but " + reply.error());
    }
    return ended.stream().map(String::valueOf).toList();
  }
}
