package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.IterationFinished;
import io.noetl.json.Json;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Data out of line without a database: what decisions stored, and loops from the log. */
final class SimData implements KnownData {
  private final List<StoredEvent> log;
  final Map<String, byte[]> stored = new LinkedHashMap<>();

  /** Addresses that decisions have asked for. */
  final List<String> asked = new ArrayList<>();

  private final @Nullable SimData before;

  SimData(List<StoredEvent> log) {
    this(log, null);
  }

  /**
   * @param before of the execution that this one was forked from: asked for what is not here
   */
  SimData(List<StoredEvent> log, @Nullable SimData before) {
    this.log = log;
    this.before = before;
  }

  void store(List<NewResult> results) {
    results.forEach(
        result ->
            stored.put(String.valueOf(result.reference().get(References.URI)), result.json()));
  }

  @Override
  public @Nullable Known find(String uri) {
    asked.add(uri);
    ResultUris.Address address = ResultUris.parse(uri);
    if (address == null) {
      return new Missing("no address: " + uri);
    }
    if (!address.loop()) {
      byte[] json = stored.get(uri);
      if (json == null && before != null) {
        return before.find(uri);
      }
      return json == null ? new Missing("nothing at " + uri) : new Value(Json.parse(json));
    }
    Map<Integer, @Nullable Object> data = new HashMap<>();
    for (StoredEvent event : log) {
      if (event.event() instanceof IterationFinished e
          && e.step().equals(address.name())
          && e.visit() == address.id()) {
        data.put(e.iteration(), of(e.outcome()));
      }
    }
    return data.isEmpty() && before != null ? before.find(uri) : new Iterations(data);
  }

  /** The data of an outcome, wherever it is. */
  @Nullable Object of(Outcome outcome) {
    Map<String, @Nullable Object> reference = outcome.reference();
    if (reference == null || !References.elsewhere(outcome)) {
      return outcome.data();
    }
    return switch (find(String.valueOf(References.uri(reference)))) {
      case null -> throw new AssertionError("nothing at " + reference);
      case Missing(String sentence) -> throw new AssertionError(sentence);
      case Value(Object value) -> value;
      case Iterations(Map<Integer, @Nullable Object> data) -> {
        List<@Nullable Object> results = new ArrayList<>();
        for (int i = 0; i < data.size(); i++) {
          results.add(data.get(i));
        }
        Object extracted = reference.get(References.EXTRACTED);
        yield LoopRun.value(results, extracted instanceof Map<?, ?> map ? map.get("stats") : null);
      }
    };
  }
}
