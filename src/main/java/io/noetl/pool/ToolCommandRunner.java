package io.noetl.pool;

import io.noetl.envelope.Ids;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.ToolCall.LineLog;
import io.noetl.tool.artifact.ResultReader;
import io.noetl.tool.sequence.CommandContext;
import io.noetl.tool.sequence.CommandResult;
import io.noetl.tool.sequence.SequenceRunner;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs commands with the tools of this worker. */
public final class ToolCommandRunner implements CommandRunner {
  private static final Logger log = LoggerFactory.getLogger(ToolCommandRunner.class);

  private final SequenceRunner runner;
  private final String serverUrl;
  private final String workerId;
  private final ResultReader results;

  /**
   * @param results reads data out of line when a template touches it
   */
  public ToolCommandRunner(
      SequenceRunner runner, ResultReader results, String serverUrl, String workerId) {
    this.results = results;
    this.runner = runner;
    this.serverUrl = serverUrl;
    this.workerId = workerId;
  }

  @Override
  public CommandResult run(Claimed command) throws InterruptedException {
    CommandContext context;
    try {
      context = CommandContext.fromMap(command.context());
    } catch (IllegalArgumentException e) {
      return new CommandResult(
          Outcome.hard(
              Errors.configuration("the command cannot be read by this worker: " + e.getMessage())),
          List.of());
    }
    Identity identity =
        new Identity(
            Ids.text(command.executionId()),
            Ids.text(command.commandId()),
            command.step(),
            command.attempt(),
            serverUrl,
            workerId);
    return runner.run(context, identity, lines(command), Map.of(), new CommandData(results));
  }

  private static LineLog lines(Claimed command) {
    return (stream, line) ->
        log.debug(
            "execution={} step={} {}: {}", command.executionId(), command.step(), stream, line);
  }
}
