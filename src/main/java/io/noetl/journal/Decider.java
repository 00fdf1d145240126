package io.noetl.journal;

import io.noetl.execution.Decision;
import io.noetl.execution.Definition;
import io.noetl.execution.Execution;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.KnownData;
import io.noetl.execution.Mint;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;

/** Gives the pure decision its definition, time and ids. */
record Decider(
    Execution execution, Definitions definitions, LongSupplier ids, InstantSource clock) {

  Decision decide(ExecutionState state, ExecutionIntent intent, Instant at, KnownData known) {
    Definition definition =
        intent instanceof ExecutionIntent.Begin start
            ? definitions.get(start.catalogId())
            : state.started() == null ? null : definitions.get(state.begun().catalogId());
    if (definition == null) {
      return new Decision.Rejected(
          io.noetl.execution.Rejection.UNKNOWN_EXECUTION,
          "execution " + state.executionId() + " not found");
    }
    return execution.decide(
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
            return ids.getAsLong();
          }
        },
        known);
  }

  /** To the microsecond, which is what the database keeps: live state and replay must be equal. */
  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
