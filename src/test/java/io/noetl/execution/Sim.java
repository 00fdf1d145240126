package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.playbook.ParseResult;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One execution without database, bus or worker: given a playbook, when intents, then events. */
final class Sim {
  static final Templates TEMPLATES = new Templates(TemplateLimits.DEFAULT);

  /** A limit that a test can reach. */
  static final int CURSOR_FRAMES = 50;

  /** The id of every execution that is simulated. */
  static final long EXECUTION = 77;

  static final Execution CORE =
      new Execution(new Language(TEMPLATES, limits(), new PoolChooser(Map.of())));
  private static final String HEADER =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: t, path: spec/t}
      """;

  final Definition definition;
  final List<StoredEvent> log = new ArrayList<>();
  final Map<Long, NewCommand> commands = new LinkedHashMap<>();
  ExecutionState state = ExecutionState.none(EXECUTION);
  final SimData data = new SimData(log);
  private long ids = 1000;

  /** Bytes of a child's payload that an execution here may ask for. */
  static final int CHILD_PAYLOAD = 100_000;

  private static ExecutionLimits limits() {
    ExecutionLimits usual = ExecutionLimits.DEFAULT;
    return new ExecutionLimits(
        usual.stepRuns(),
        usual.loopItems(),
        CURSOR_FRAMES,
        usual.maxInFlight(),
        usual.inlineBytes(),
        usual.resultBytes(),
        CHILD_PAYLOAD);
  }

  private Sim(Definition definition) {
    this.definition = definition;
  }

  /** An execution of the playbook whose document, after the header, is {@code body}. */
  static Sim of(String body) {
    PlaybookParser parser =
        new PlaybookParser(
            PlaybookLimits.DEFAULT,
            TemplateCheck.of(TEMPLATES::syntaxError, TEMPLATES::guardSyntaxError));
    return switch (parser.parse(HEADER + body)) {
      case ParseResult.Valid valid -> new Sim(new Definition(5, 1, valid.playbook()));
      case ParseResult.Invalid invalid -> throw new AssertionError(invalid.errors().toString());
    };
  }

  Sim start() {
    return start(Map.of());
  }

  Sim start(Map<String, @Nullable Object> payload) {
    return start(payload, ExecutionSettings.DEFAULT);
  }

  Sim start(Map<String, @Nullable Object> payload, ExecutionSettings settings) {
    accept(new ExecutionIntent.Start(5, "spec/t", 1, payload, null, null, null, settings));
    return this;
  }

  Decision decide(ExecutionIntent intent) {
    return decideWith(intent, data);
  }

  Decision decideWith(ExecutionIntent intent, KnownData known) {
    Instant at = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(log.size());
    return CORE.decide(
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
        known);
  }

  /** Decides, expects acceptance, and holds live state against the fold of the whole log. */
  Decision.Accepted accept(ExecutionIntent intent) {
    Decision decision = decide(intent);
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    Decision.Accepted accepted = (Decision.Accepted) decision;
    data.store(accepted.results());
    log.addAll(accepted.events());
    state = accepted.state();
    accepted.issued().forEach(command -> commands.put(command.commandId(), command));
    assertThat(ExecutionState.replay(EXECUTION, log)).isEqualTo(state);
    return accepted;
  }

  /** As {@link #accept}, without folding the whole log each time. */
  void quickly(ExecutionIntent intent) {
    Decision.Accepted accepted = (Decision.Accepted) decide(intent);
    data.store(accepted.results());
    log.addAll(accepted.events());
    state = accepted.state();
    commands.clear();
    accepted.issued().forEach(command -> commands.put(command.commandId(), command));
  }

  Decision.Rejected reject(ExecutionIntent intent) {
    Decision decision = decide(intent);
    assertThat(decision).isInstanceOf(Decision.Rejected.class);
    return (Decision.Rejected) decision;
  }

  /** The open wait of a step, and of one iteration when it has several: the oldest. */
  OpenWait waiting(String step) {
    return state.waits().values().stream()
        .filter(wait -> wait.step().equals(step))
        .min(java.util.Comparator.comparingLong(OpenWait::waitId))
        .orElseThrow(() -> new AssertionError("step " + step + " does not wait"));
  }

  Awaited.Child child(String step) {
    return (Awaited.Child) waiting(step).opened().awaited();
  }

  Sim resume(String step, Outcome outcome) {
    accept(new ExecutionIntent.Resume(waiting(step).waitId(), outcome));
    return this;
  }

  OpenCommand open(String step) {
    return state.commands().values().stream()
        .filter(command -> command.step().equals(step))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no open command of step " + step + ": " + open()));
  }

  List<String> open() {
    return state.commands().values().stream().map(OpenCommand::step).sorted().toList();
  }

  Map<String, @Nullable Object> contextOf(String step) {
    return commands.get(open(step).commandId()).context();
  }

  Sim report(String step, Outcome outcome) {
    accept(reportOf(open(step).commandId(), outcome));
    return this;
  }

  static ExecutionIntent.AcceptReport reportOf(long commandId, @Nullable Outcome outcome) {
    return new ExecutionIntent.AcceptReport(commandId, outcome, List.of(), 1, 1, "w1", null);
  }

  Sim done(String step, @Nullable Object data) {
    return report(step, Outcome.success(data));
  }

  Sim softError(String step) {
    return report(
        step,
        Outcome.soft(Map.of("stdout", ""), Errors.of("python", "PY_ValueError", "boom", false)));
  }

  Sim hardError(String step) {
    return report(step, Outcome.hard(Errors.of("connection", "CONN_REFUSED", "refused", true)));
  }

  /** The data of the last finished run of a step. */
  @Nullable Object data(String step) {
    Outcome outcome = state.step(step).outcome();
    return outcome == null ? null : data.of(outcome);
  }

  List<String> types() {
    return log.stream().map(stored -> stored.event().getClass().getSimpleName()).toList();
  }
}
