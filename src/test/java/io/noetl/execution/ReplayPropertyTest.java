package io.noetl.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.journal.EventCodec;
import io.noetl.json.Json;
import io.noetl.language.Rule;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * I3, I8 and I9 over random playbooks and random intents: after every decision the live state
 * equals the fold of the log as it is stored; every run ends; after the end nothing is accepted.
 */
final class ReplayPropertyTest {
  private static final int RUNS = Integer.getInteger("noetl.property.runs", 400);
  private static final int MAX_INTENTS = 400;

  @Test
  @Rule({"6.5", "13.7"})
  void liveStateIsTheFoldOfTheStoredLogWhateverHappens() {
    long base = Long.getLong("noetl.property.seed", System.nanoTime());
    for (int run = 0; run < RUNS; run++) {
      long seed = base + run;
      try {
        play(seed);
      } catch (Throwable failure) {
        throw new AssertionError(
            "seed " + seed + " fails; repeat with -Dnoetl.property.seed=" + seed, failure);
      }
    }
  }

  private static void play(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Sim sim = Sim.of(new RandomPlaybook(random.split()).body()).start(Map.of("n", 2L));
    int intents = 0;
    while (!sim.state.status().terminal()) {
      assertThat(intents++).as("intents until the end").isLessThan(MAX_INTENTS);
      if (random.nextInt(8) == 0) {
        sim.accept(
            new ExecutionIntent.Signal("go", (long) intents, random.nextBoolean() ? "k" : null));
      } else if (random.nextInt(12) == 0) {
        sim.accept(
            sim.state.paused()
                ? new ExecutionIntent.Unpause("random")
                : new ExecutionIntent.Pause("random"));
      } else if (sim.state.paused() && sim.state.idle()) {
        sim.accept(new ExecutionIntent.Unpause("nothing runs"));
      }
      if (sim.state.status().terminal() || sim.state.paused() && sim.state.idle()) {
        checkLog(sim);
        continue;
      }
      assertThat(sim.state.idle()).as("I7: a running execution waits for something").isFalse();
      if (random.nextBoolean() && !sim.state.waits().isEmpty() || sim.state.commands().isEmpty()) {
        resume(sim, random);
      } else {
        step(sim, random);
      }
      checkLog(sim);
    }
    assertThat(sim.reject(new ExecutionIntent.Cancel("late")).reason())
        .isEqualTo(Rejection.ALREADY_TERMINAL);
    assertThat(sim.types()).filteredOn(ReplayPropertyTest::terminal).hasSize(1);
  }

  private static void resume(Sim sim, SplittableRandom random) {
    List<Long> waits = new ArrayList<>(new java.util.TreeSet<>(sim.state.waits().keySet()));
    long wait = waits.get(random.nextInt(waits.size()));
    ExecutionIntent end =
        switch (random.nextInt(5)) {
          case 0 -> new ExecutionIntent.ExpireWait(wait);
          case 1 -> new ExecutionIntent.Resume(wait, ChildOutcome.refused("no such playbook"));
          case 2 ->
              new ExecutionIntent.Resume(
                  wait, Outcome.soft(Map.of(), Errors.of("playbook", "X", "soft", false)));
          default -> new ExecutionIntent.Resume(wait, Outcome.success(Map.of("v", 1L)));
        };
    Decision.Accepted accepted = sim.accept(end);
    assertThat(accepted.closed()).contains(wait);
    if (!sim.state.status().terminal()) {
      assertThat(sim.reject(end).reason())
          .as("a wait ends once")
          .isEqualTo(Rejection.WAIT_NOT_OPEN);
    }
  }

  private static void step(Sim sim, SplittableRandom random) {
    List<OpenCommand> open = new ArrayList<>(sim.state.commands().values());
    open.sort((a, b) -> Long.compare(a.commandId(), b.commandId()));
    OpenCommand command = open.get(random.nextInt(open.size()));
    switch (random.nextInt(12)) {
      case 0 ->
          sim.accept(
              new ExecutionIntent.ExpireLease(
                  command.commandId(), command.attempts() + 1, 3, command.attempts() + 1, "w"));
      case 1 ->
          sim.accept(
              Sim.reportOf(
                  command.commandId(),
                  Outcome.soft(Map.of(), Errors.of("python", "PY_X", "soft", false))));
      case 2 ->
          sim.accept(
              Sim.reportOf(
                  command.commandId(),
                  Outcome.hard(Errors.of("connection", "CONN_REFUSED", "hard", true))));
      case 3 ->
          sim.accept(
              new ExecutionIntent.Record(
                  List.of(
                      new ExecutionEvent.Recorded("progress", Map.of("percent", 5L), null, null))));
      case 4 -> {
        if (random.nextInt(10) == 0) {
          sim.accept(new ExecutionIntent.Cancel("random"));
        }
      }
      default ->
          sim.accept(
              Sim.reportOf(
                  command.commandId(), Outcome.success(Map.of("v", (long) random.nextInt(9)))));
    }
  }

  /** Through the codec and JSON text, as a server that starts anew would read it. */
  private static void checkLog(Sim sim) {
    List<StoredEvent> stored = new ArrayList<>();
    for (StoredEvent event : sim.log) {
      String text = Json.text(EventCodec.encode(event.event()));
      stored.add(
          new StoredEvent(
              event.eventId(),
              event.seq(),
              event.at(),
              EventCodec.decode(EventCodec.type(event.event()), Json.parseObject(text))));
    }
    assertThat(ExecutionState.replay(77, stored)).isEqualTo(sim.state);
  }

  private static boolean terminal(String type) {
    return type.equals("Completed") || type.equals("Failed") || type.equals("Cancelled");
  }

  @Test
  void everyKindOfErrorObjectSurvivesTheCodec() {
    Outcome outcome =
        Outcome.hard(Errors.of("connection", "DNS_ERROR", "no such host", true))
            .withMeta(Map.of("attempt", 2L));
    ExecutionEvent event =
        new ExecutionEvent.CallFinished(
            9,
            "s",
            1,
            new ExecutionEvent.Completion(outcome, List.of(), true, null),
            2,
            3,
            "w",
            null,
            false);

    assertThat(
            EventCodec.decode(
                EventCodec.type(event), Json.parseObject(Json.text(EventCodec.encode(event)))))
        .isEqualTo(event);
  }
}
