package io.noetl.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionEvent.CallFinished;
import io.noetl.execution.ExecutionEvent.CommandIssued;
import io.noetl.execution.ExecutionEvent.Completion;
import io.noetl.execution.ExecutionEvent.CtxUpdated;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.execution.ExecutionEvent.Taken;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.StoredEvent;
import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StateDocumentTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678901Z");

  private static ExecutionState state() {
    List<ExecutionEvent> events =
        List.of(
            new Started(
                11,
                "examples/hello",
                3,
                Map.of("name", "Ada"),
                List.of(),
                "start",
                null,
                null,
                null,
                ExecutionSettings.DEFAULT),
            new CommandIssued("start", 1, null, ToolKind.PYTHON, "shared", null),
            new CtxUpdated(
                "start",
                List.of(new CtxWrite(List.of("x"), 1L), new CtxWrite(List.of("gone"), 2L)),
                List.of()),
            new CtxUpdated(null, List.of(), List.of(), List.of("gone"), Map.of()),
            new CallFinished(
                102,
                "start",
                1,
                new Completion(
                    Outcome.success(Map.of("n", 1L)),
                    List.of(new Taken("next", true)),
                    false,
                    null),
                1,
                1,
                "w1",
                AT,
                false));
    List<StoredEvent> stored = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      stored.add(new StoredEvent(101 + i, i + 1, AT.plusMillis(i), events.get(i)));
    }
    return ExecutionState.replay(77, stored);
  }

  /** Of events that were stored once: the figure may never change again. */
  @Test
  void givesTheChecksumThatItAlwaysGave() {
    Map<String, Object> document = new LinkedHashMap<>(StateDocument.of(state()));

    assertThat(Json.text(document.get("variables"))).isEqualTo("{\"x\":1}");
    assertThat(StateDocument.checksum(StateDocument.of(state())))
        .as(Json.text(document))
        .isEqualTo("23f9f4f67548741efaf80dc37163a811f67ee62aef1991568b318e4e175b40b0");
  }

  @Test
  void doesNotLookAtTheOrderOfMembersNorAtTheTypeOfANumber() {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("a", 1);
    one.put("b", List.of(new BigInteger("7"), new BigDecimal("1.50")));
    Map<String, Object> other = new LinkedHashMap<>();
    other.put("b", List.of(7L, new BigDecimal("1.5")));
    other.put("a", 1L);

    assertThat(StateDocument.checksum(one)).isEqualTo(StateDocument.checksum(other));
    other.put("a", 2L);
    assertThat(StateDocument.checksum(one)).isNotEqualTo(StateDocument.checksum(other));
  }
}
