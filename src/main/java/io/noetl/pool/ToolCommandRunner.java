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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs commands with the tools of this worker. */
public final class ToolCommandRunner implements CommandRunner {
  private static final Logger log = LoggerFactory.getLogger(ToolCommandRunner.class);

  private final SequenceRunner runner;
  private final Secrets secrets;
  private final String serverUrl;
  private final String workerId;
  private final ResultReader results;
  private final ResultStreams streams;

  /**
   * @param results reads data out of line when a template touches it
   * @param streams stores results that are too large for memory while they are made
   * @param secrets what the runner's tools get their credentials from
   */
  public ToolCommandRunner(
      SequenceRunner runner,
      ResultReader results,
      ResultStreams streams,
      Secrets secrets,
      String serverUrl,
      String workerId) {
    this.results = results;
    this.streams = streams;
    this.runner = runner;
    this.secrets = secrets;
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
            workerId,
            1,
            command.tenantId());
    CommandSecrets own = secrets.begin(context, identity);
    try {
      own.prepare();
      // Nothing of what the command was given leaves this process with what it tells.
      return own.redacted(
          runner.run(
              context,
              identity,
              own.lines(lines(command)),
              own.names(),
              new CommandData(results.of(command.tenantId())),
              streams.of(command, own::clean),
              command.parked()));
    } finally {
      secrets.end(identity, own);
    }
  }

  private static LineLog lines(Claimed command) {
    return (stream, line) ->
        log.debug(
            "execution={} step={} {}: {}", command.executionId(), command.step(), stream, line);
  }
}
