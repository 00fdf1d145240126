package io.noetl.tool.sequence;

import io.noetl.playbook.Tool;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.DataSource;
import io.noetl.tool.PutAside;
import io.noetl.tool.ToolCall.Aside;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.ToolCall.LineLog;
import io.noetl.tool.ToolExecutor;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands: single tools and sequences, with their policies. Stateless and safe for use by
 * many threads; each command runs on the caller's thread.
 */
public final class SequenceRunner {
  private final Tools tools;

  /** The same for executions that were started with re-typing off. */
  private final Tools untyped;

  /**
   * @param executor runs the calls, usually all kinds of a worker
   * @param clock the time that {@code now()} shows and that dates of servers are compared with
   * @param sleeper waits between runs of a task
   */
  public SequenceRunner(
      ToolExecutor executor,
      Templates templates,
      SequenceSettings settings,
      InstantSource clock,
      Sleeper sleeper) {
    this.tools = tools(executor, templates, settings, clock, sleeper);
    this.untyped = tools(executor, templates.withRetyping(false), settings, clock, sleeper);
  }

  private static Tools tools(
      ToolExecutor executor,
      Templates templates,
      SequenceSettings settings,
      InstantSource clock,
      Sleeper sleeper) {
    Delays delays = new Delays(templates, clock);
    PolicyRunner policies = new PolicyRunner(templates, delays);
    return new Tools(
        executor,
        templates,
        new TaskCalls(templates),
        policies,
        new OlderRetry(templates, delays, policies),
        settings,
        clock,
        sleeper);
  }

  /** What every command is run with. */
  record Tools(
      ToolExecutor executor,
      Templates templates,
      TaskCalls calls,
      PolicyRunner policies,
      OlderRetry retries,
      SequenceSettings settings,
      InstantSource clock,
      Sleeper sleeper) {}

  /**
   * Runs one command to its end.
   *
   * @param log receives the lines that tools write
   * @param names names that only a worker has, for example {@code keychain}; never shown to code
   * @throws InterruptedException when the command was cancelled or the worker stops
   */
  public CommandResult run(
      CommandContext command,
      Identity identity,
      LineLog log,
      Map<String, ? extends @Nullable Object> names)
      throws InterruptedException {
    return run(command, identity, log, names, DataSource.NONE);
  }

  /**
   * As {@link #run(CommandContext, Identity, LineLog, Map)}.
   *
   * @param data asked for data out of line when a template touches it
   */
  public CommandResult run(
      CommandContext command,
      Identity identity,
      LineLog log,
      Map<String, ? extends @Nullable Object> names,
      DataSource data)
      throws InterruptedException {
    return run(command, identity, log, names, data, null);
  }

  /**
   * As {@link #run(CommandContext, Identity, LineLog, Map, DataSource)}.
   *
   * @param earlier what goes on outside for the command since an earlier run that was put aside,
   *     empty for none; null = the command must not be put aside
   * @throws PutAside when a single tool without policy goes on outside
   */
  public CommandResult run(
      CommandContext command,
      Identity identity,
      LineLog log,
      Map<String, ? extends @Nullable Object> names,
      DataSource data,
      @Nullable Map<String, @Nullable Object> earlier)
      throws InterruptedException {
    boolean sequence = command.work() instanceof Tool.Sequence;
    List<Tool.Task> tasks =
        switch (command.work()) {
          case Tool.Single single -> List.of(new Tool.Task(identity.step(), single.spec()));
          case Tool.Sequence list -> list.tasks();
        };
    Aside aside =
        earlier == null || sequence || !plain(tasks.getFirst().spec())
            ? null
            : new Aside(earlier, command.timeout());
    Tools own = command.retypeStrings() ? tools : untyped;
    RunningContext running =
        new RunningContext(command, identity, names, sequence, own.clock(), data);
    try (Deadline deadline = new Deadline(command.timeout())) {
      return new CommandRun(
              own,
              new TaskCalls.Frame(command, running, identity, log, aside),
              tasks,
              sequence,
              deadline)
          .run();
    }
  }

  /** Whether the outcome of the call is that of the command: nothing is evaluated after it. */
  private static boolean plain(ToolSpec spec) {
    return spec.policy() == null && spec.retry() == null && spec.set().isEmpty();
  }
}
