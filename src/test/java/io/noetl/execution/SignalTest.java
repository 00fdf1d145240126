package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.language.Rule;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps that wait for a signal or for a moment. */
@Rule("9.19")
final class SignalTest {
  private static Sim waiting(String tool) {
    return Sim.of(playbook(tool)).start();
  }

  private static String playbook(String tool) {
    return """
    workload: {who: ada}
    workflow:
      - step: start
        tool: {kind: wait, %s}
        next:
          arcs:
            - {step: late, when: "{{ event.name == 'call.error' }}"}
            - {step: go}
      - {step: go, tool: {kind: noop, result: "{{ start.data }}"}}
      - {step: late, tool: {kind: noop, result: "{{ start.status }}"}}
    """
        .formatted(tool);
  }

  private static ExecutionIntent signal(String name, @Nullable Object data) {
    return new ExecutionIntent.Signal(name, data, null);
  }

  private static String message(Sim sim) {
    return String.valueOf(sim.state.step("start").outcome().error().get("message"));
  }

  private static Object dataOf(Sim sim, String step) {
    return ((Map<?, ?>) sim.data(step)).get("data");
  }

  @Test
  void aSignalEndsTheWaitForItsName() {
    Sim sim = waiting("signal: \"approve {{ who }}\"");
    assertThat(sim.state.commands()).isEmpty();
    assertThat(sim.waiting("start").opened().timeout()).isNull();

    sim.accept(signal("other", 1L));
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.RUNNING);
    Decision.Accepted accepted = sim.accept(signal("approve ada", Map.of("ok", true)));

    assertThat(accepted.closed()).hasSize(1);
    assertThat(sim.data("start"))
        .isEqualTo(Map.of("status", "ok", "signal", "approve ada", "data", Map.of("ok", true)));
    assertThat(sim.state.result()).isEqualTo(Map.of("ok", true));
  }

  @Test
  void aSignalThatCameBeforeIsTakenWhenAStepWaitsForIt() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: python, code: "x"}, next: ask}
                  - {step: ask, tool: {kind: wait, signal: go}, next: again}
                  - {step: again, tool: {kind: wait, signal: go}}
                """)
            .start();
    sim.accept(signal("go", 1L));
    sim.accept(signal("go", 2L));
    assertThat(sim.state.signals().kept()).hasSize(2);

    Decision.Accepted accepted =
        sim.accept(Sim.reportOf(sim.open("start").commandId(), Outcome.success(null)));

    assertThat(accepted.closed()).as("opened and closed in one decision").hasSize(2);
    assertThat(dataOf(sim, "ask")).isEqualTo(1L);
    assertThat(dataOf(sim, "again")).isEqualTo(2L);
    assertThat(sim.state.signals().kept()).isEmpty();
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  void theOldestOfSeveralWaitsGetsTheSignal() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    loop: {in: 3, iterator: it, spec: {mode: parallel, max_in_flight: 3}}
                    tool: {kind: wait, signal: go}
                """)
            .start();
    long first = sim.waiting("start").waitId();

    Decision.Accepted accepted = sim.accept(signal("go", "a"));

    assertThat(accepted.closed()).containsExactly(first);
    sim.accept(signal("go", "b"));
    sim.accept(signal("go", "c"));
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(String.valueOf(sim.data("start"))).contains("data=a", "data=b", "data=c");
  }

  @Test
  void aLoopTakesTheSignalsThatCameBefore() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - {step: start, tool: {kind: python, code: "x"}, next: each}
                  - step: each
                    loop: {in: 4, iterator: it, spec: {mode: sequential}}
                    tool: {kind: wait, signal: go}
                """)
            .start();
    for (long i = 0; i < 3; i++) {
      sim.accept(signal("go", i));
    }

    sim.done("start", null);

    assertThat(sim.types()).filteredOn("IterationFinished"::equals).hasSize(3);
    assertThat(sim.state.waits()).hasSize(1);
    sim.accept(signal("go", 3L));
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  void aSignalWithAKeyCountsOnceAlsoAfterTheEnd() {
    Sim sim = waiting("signal: go");
    ExecutionIntent keyed = new ExecutionIntent.Signal("go", 1L, "k1");
    sim.accept(new ExecutionIntent.Signal("other", 1L, "k1"));
    sim.accept(keyed);
    assertThat(sim.state.status()).isEqualTo(ExecutionStatus.COMPLETED);

    assertThat(sim.accept(keyed).events()).isEmpty();
    assertThat(sim.reject(new ExecutionIntent.Signal("go", 1L, "k2")).reason())
        .isEqualTo(Rejection.ALREADY_TERMINAL);
  }

  @Test
  void keysAreForgottenAfterManyOthers() {
    Sim sim = waiting("signal: go");
    for (int i = 0; i <= Signals.SEEN; i++) {
      sim.state =
          sim.state.evolve(
              new StoredEvent(
                  10_000 + i,
                  sim.state.seq() + 1,
                  Instant.EPOCH,
                  new ExecutionEvent.SignalReceived("x", null, "k" + i)));
    }

    assertThat(sim.state.signals().seen()).hasSize(Signals.SEEN);
    assertThat(sim.state.signals().repeats("x", "k0")).isFalse();
    assertThat(sim.state.signals().repeats("x", "k1")).isTrue();
  }

  @Test
  void keepsABoundedNumberOfSignals() {
    Sim sim = waiting("signal: go");
    for (int i = 0; i < ExecutionLimits.DEFAULT.keptSignals(); i++) {
      sim.accept(signal("other", (long) i));
    }

    Decision.Rejected full = sim.reject(signal("other", 1L));

    assertThat(full.reason()).isEqualTo(Rejection.SIGNALS_FULL);
    assertThat(full.sentence()).contains("100", "playbook.kept-signals");
    sim.accept(signal("go", 1L));
    assertThat(sim.state.status())
        .as("one that is waited for")
        .isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  void refusesDataThatIsTooLargeForAnEvent() {
    Decision.Rejected large = waiting("signal: go").reject(signal("go", "x".repeat(65_536)));

    assertThat(large.reason()).isEqualTo(Rejection.SIGNAL_TOO_LARGE);
    assertThat(large.sentence()).contains("65536", "65538", "results.inline-max-bytes");
  }

  @Test
  void aWaitThatIsOverIsASoftTimeout() {
    Sim sim = waiting("signal: go, timeout: 90s");
    assertThat(sim.waiting("start").opened().timeout()).isEqualTo(Duration.ofSeconds(90));

    sim.accept(new ExecutionIntent.ExpireWait(sim.waiting("start").waitId()));

    assertThat(sim.state.step("start").outcome().status()).isEqualTo(Status.TIMEOUT);
    assertThat(message(sim)).isEqualTo("no signal 'go' came within 90 s (timeout)");
    assertThat(sim.state.step("late").finished()).isEqualTo(1);
  }

  @Test
  void aTimerEndsWithASuccess() {
    Sim sim = waiting("seconds: 1.5");
    assertThat(sim.waiting("start").opened().timeout()).isEqualTo(Duration.ofMillis(1500));

    sim.accept(new ExecutionIntent.ExpireWait(sim.waiting("start").waitId()));

    assertThat(sim.data("start")).isEqualTo(Map.of("status", "ok", "seconds", 1.5));
    assertThat(sim.types()).contains("WaitOpened", "CallFinished");
    assertThat(sim.state.step("late").visits()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-29T01:00:00Z,2026-03-29T01:00:00Z",
    "2026-03-29T03:00:00+02:00,2026-03-29T01:00:00Z",
    "1999-01-01T00:00:00Z,1999-01-01T00:00:00Z"
  })
  void aTimerMayNameAMoment(String text, String moment) {
    Sim sim = waiting("until: \"" + text + "\"");

    assertThat(sim.waiting("start").opened().awaited())
        .isEqualTo(new Awaited.Timer(Instant.parse(moment)));
    assertThat(sim.waiting("start").opened().timeout()).isNull();
    sim.accept(new ExecutionIntent.ExpireWait(sim.waiting("start").waitId()));
    assertThat(sim.data("start")).isEqualTo(Map.of("status", "ok", "until", moment));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "signal: go",
        "signal: go, timeout: 60",
        "seconds: 3600",
        "until: '2030-01-01T00:00:00Z'"
      })
  void theLimitOfTheStepEndsAnyWait(String tool) {
    Sim sim =
        Sim.of(
                "workflow:\n  - {step: start, spec: {timeout: 30s}, tool: {kind: wait, "
                    + tool
                    + "}, next: end}\n  - {step: end, tool: {kind: noop}}\n")
            .start();
    assertThat(sim.waiting("start").opened().timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(sim.waiting("start").opened().stepLimit()).isTrue();

    sim.accept(new ExecutionIntent.ExpireWait(sim.waiting("start").waitId()));

    assertThat(message(sim)).isEqualTo("Step timed out after 30 s");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "desc: x | Expected one of signal, seconds and until, but got none",
        "signal: a, seconds: 1 | but got signal and seconds",
        "signal: ' ' | a name of 1 to 128 characters, but it has 0",
        "seconds: soon | Expected seconds to be a number",
        "seconds: -1 | Expected seconds to be a number",
        "until: tomorrow | Expected until to be a time such as",
        "until: '+12345-01-01T00:00:00Z' | the years 1970 to 9999",
        "signal: a, timeout: '{{ \"soon\" }}' | Expected timeout to be a number of seconds",
        "signal: '{{ keychain.x }}' | a name that only a worker knows"
      })
  void whatCannotBeUnderstoodIsAHardError(String tool, String sentence) {
    Sim sim = waiting(tool);

    assertThat(message(sim)).startsWith("Invalid wait config: ").contains(sentence);
    assertThat(sim.state.step("start").outcome().hard()).isTrue();
  }

  @Test
  void aCancellationEndsTheWait() {
    Sim sim = waiting("signal: go");

    assertThat(sim.accept(new ExecutionIntent.Cancel("enough")).closed()).hasSize(1);
    assertThat(sim.reject(signal("go", 1L)).reason()).isEqualTo(Rejection.ALREADY_TERMINAL);
  }

  @Test
  void aBarrierWaitsForTheSignal() {
    Sim sim =
        Sim.of(
                """
                workflow:
                  - step: start
                    tool: {kind: noop}
                    next: {spec: {mode: inclusive}, arcs: [{step: ask}, {step: work}]}
                  - {step: ask, tool: {kind: wait, signal: go}, next: join}
                  - {step: work, tool: {kind: python, code: "x"}, next: join}
                  - {step: join, tool: {kind: noop}}
                """)
            .start();
    sim.done("work", 1L);
    assertThat(sim.state.step("join").visits()).isZero();
    sim.accept(signal("go", List.of()));
    assertThat(sim.state.step("join").finished()).isEqualTo(1);
  }
}
