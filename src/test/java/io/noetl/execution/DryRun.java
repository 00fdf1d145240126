package io.noetl.execution;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionState.Open;
import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.json.Json;
import io.noetl.playbook.ParseResult;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.ToolCall.LineLog;
import io.noetl.tool.ToolExecutors;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import io.noetl.tool.noop.NoopExecutor;
import io.noetl.tool.process.ChildEnvironment;
import io.noetl.tool.python.PythonExecutor;
import io.noetl.tool.python.PythonSettings;
import io.noetl.tool.sequence.CommandContext;
import io.noetl.tool.sequence.CommandResult;
import io.noetl.tool.sequence.SequenceRunner;
import io.noetl.tool.sequence.SequenceSettings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Plays playbooks with the decision core and the tools alone, one command after the other: no
 * server, no bus, no database, no other process. The order in which commands end is the caller's,
 * so that a playbook whose outcome depends on it can be told from one whose outcome does not.
 */
public final class DryRun implements AutoCloseable {
  private static final int MAX_INTENTS = 500;
  private static final int RANDOM_ORDERS = 30;

  private final SequenceRunner runner;
  private final ToolExecutors executors;
  private final Map<String, Book> library = new HashMap<>();

  /** What a command came to, by its document: a tool that is asked the same again says the same. */
  private final Map<String, CommandResult> known = new HashMap<>();

  /**
   * A playbook.
   *
   * @param body of its document, from the workload on
   */
  public record Book(String path, String body) {
    public String yaml() {
      return """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: random, path: %s}
      """
              .formatted(path)
          + body;
    }
  }

  /** Which of several open commands and waits ends next. */
  private interface Order {
    Open next(List<Open> open);
  }

  public DryRun() {
    HttpExecutor http = new HttpExecutor(HttpSettings.DEFAULT);
    executors =
        new ToolExecutors(
            Map.of(
                ToolKind.NOOP,
                new NoopExecutor(),
                ToolKind.HTTP,
                http,
                ToolKind.PYTHON,
                new PythonExecutor(
                    PythonSettings.defaults(
                        ChildEnvironment.of(System.getenv(), List.of()),
                        Path.of(System.getProperty("java.io.tmpdir"))),
                    http)));
    runner =
        new SequenceRunner(
            executors, Sim.TEMPLATES, SequenceSettings.DEFAULT, Instant::now, Thread::sleep);
  }

  /** A playbook that others may start from now on. */
  public void add(Book book) {
    library.put(book.path(), book);
  }

  /** A playbook of this seed, which may start those that were added. */
  public Book make(String path, long seed) {
    List<String> children = library.keySet().stream().sorted().toList();
    return new Book(path, new RandomPlaybook(new SplittableRandom(seed), children, true).body());
  }

  /**
   * What the playbook comes to in whatever order its commands end; null when that depends on the
   * order, or when it does nothing that could be disturbed.
   */
  public @Nullable Ending foresee(Book book, Map<String, @Nullable Object> payload)
      throws InterruptedException {
    Definition definition = define(book);
    List<Order> orders = new ArrayList<>();
    Comparator<Open> age = Comparator.comparingLong(Open::id);
    orders.add(open -> open.stream().min(age).orElseThrow());
    orders.add(open -> open.stream().max(age).orElseThrow());
    for (String step : definition.playbook().steps().keySet()) {
      Comparator<Open> late = Comparator.comparing((Open o) -> o.step().equals(step));
      orders.add(open -> open.stream().min(late.thenComparing(age)).orElseThrow());
      orders.add(open -> open.stream().max(late.thenComparing(age)).orElseThrow());
    }
    for (int i = 0; i < RANDOM_ORDERS; i++) {
      SplittableRandom random = new SplittableRandom(i);
      orders.add(open -> open.get(random.nextInt(open.size())));
    }
    Ending first = null;
    for (Order order : orders) {
      Run run = new Run(book, definition, payload, order);
      run.play();
      Ending ending = Ending.of(run.state);
      if (run.intents < 3 || first != null && !first.equals(ending)) {
        return null;
      }
      first = ending;
    }
    return first;
  }

  private static Definition define(Book book) {
    PlaybookParser parser =
        new PlaybookParser(
            PlaybookLimits.DEFAULT,
            TemplateCheck.of(Sim.TEMPLATES::syntaxError, Sim.TEMPLATES::guardSyntaxError));
    return switch (parser.parse(book.yaml())) {
      case ParseResult.Valid valid -> new Definition(5, 1, valid.playbook());
      case ParseResult.Invalid invalid -> throw new AssertionError(invalid.errors().toString());
    };
  }

  private CommandResult work(NewCommand command) throws InterruptedException {
    String text = Json.text(command.context());
    CommandResult result = known.get(text);
    if (result == null) {
      Identity identity = new Identity("77", "78", command.step(), 1, "http://none", "dry-run");
      // The pauses are there to be hit by faults, and there are none here.
      CommandContext context =
          CommandContext.fromMap(Json.parseObject(text.replaceAll(RandomPlaybook.PAUSE, "")));
      result = runner.run(context, identity, LineLog.NONE, Map.of());
      known.put(text, result);
    }
    return result;
  }

  @Override
  public void close() {
    executors.close();
  }

  /** One execution of one playbook. */
  private final class Run {
    private final Book book;
    private final Definition definition;
    private final Map<String, @Nullable Object> payload;
    private final Order order;
    private final Map<Long, NewCommand> commands = new LinkedHashMap<>();
    private final List<StoredEvent> log = new ArrayList<>();
    private final SimData data = new SimData(log);
    private ExecutionState state = ExecutionState.none(77);
    private long ids = 1000;
    private int intents;

    Run(Book book, Definition definition, Map<String, @Nullable Object> payload, Order order) {
      this.book = book;
      this.definition = definition;
      this.payload = payload;
      this.order = order;
    }

    void play() throws InterruptedException {
      accept(
          new ExecutionIntent.Start(
              5, book.path(), 1, payload, null, null, null, ExecutionSettings.DEFAULT));
      while (!state.status().terminal()) {
        List<Open> open = new ArrayList<>(state.commands().values());
        open.addAll(state.waits().values());
        open.sort(Comparator.comparingLong(Open::id));
        if (open.isEmpty() || intents > MAX_INTENTS) {
          throw new AssertionError(
              "after " + intents + " intents, open " + open + ":\n" + book.body());
        }
        switch (order.next(open)) {
          case OpenCommand command -> {
            CommandResult result = work(command(command.commandId()));
            accept(
                new ExecutionIntent.AcceptReport(
                    command.commandId(), result.outcome(), writes(result), 1, 1, "w", null));
          }
          case OpenWait wait -> accept(new ExecutionIntent.Resume(wait.waitId(), child(wait)));
        }
      }
    }

    private static List<ExecutionEvent.CtxWrite> writes(CommandResult result) {
      return result.writes().stream()
          .map(write -> new ExecutionEvent.CtxWrite(write.path(), write.value()))
          .toList();
    }

    private NewCommand command(long id) {
      NewCommand command = commands.get(id);
      if (command == null) {
        throw new AssertionError("no command " + id);
      }
      return command;
    }

    private Outcome child(OpenWait wait) throws InterruptedException {
      Awaited.Child child = (Awaited.Child) wait.opened().awaited();
      Book other = library.get(String.valueOf(child.path()));
      if (other == null) {
        return ChildOutcome.refused(child.name() + " not found in the catalog");
      }
      Run run = new Run(other, define(other), child.payload(), List::getFirst);
      run.play();
      return ChildOutcome.of(
          child.until(), child.step(), run.state, run.definition.playbook(), DataSource.NONE);
    }

    private void accept(ExecutionIntent intent) {
      intents++;
      Instant at = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(log.size());
      Decision decision =
          Sim.CORE.decide(
              definition,
              state,
              intent,
              new Mint() {
                @Override
                public Instant now() {
                  return at;
                }

                @Override
                public long nextId() {
                  return ++ids;
                }
              },
              data);
      if (!(decision instanceof Decision.Accepted accepted)) {
        throw new AssertionError("Expected " + intent + " to be accepted, but " + decision);
      }
      data.store(accepted.results());
      log.addAll(accepted.events());
      state = accepted.state();
      accepted.issued().forEach(command -> commands.put(command.commandId(), command));
    }
  }

  /**
   * How an execution ended, without what differs from run to run.
   *
   * @param steps by name: how often it ran, what it came to, and its data or error
   */
  public record Ending(
      ExecutionStatus status,
      @Nullable String error,
      @Nullable Object result,
      Map<String, String> steps) {

    public static Ending of(ExecutionState state) {
      Map<String, String> steps = new TreeMap<>();
      state
          .steps()
          .forEach(
              (name, step) -> {
                Outcome outcome = step.outcome();
                Map<String, @Nullable Object> error = outcome == null ? null : outcome.error();
                steps.put(
                    name,
                    "%d runs, %d skips, %s%s: %s"
                        .formatted(
                            step.visits(),
                            step.skips(),
                            outcome == null ? "never ended" : outcome.status().word(),
                            step.failed() ? " (failed)" : "",
                            error != null
                                ? error.get("code") + " " + plain(error.get("message"))
                                : plain(outcome == null ? null : outcome.data())));
              });
      return new Ending(
          state.status(),
          state.error() == null ? null : plain(state.error()),
          plain(state.result()),
          steps);
    }

    /** Ids of other executions are minted anew by every run. */
    private static String plain(@Nullable Object value) {
      return Json.text(value)
          .replaceAll("\\(\\d+\\)", "(ID)")
          .replaceAll("\"execution_id\":\"\\d+\"", "\"execution_id\":\"ID\"");
    }
  }
}
