package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.execution.ExecutionEvent.IterationFinished;
import io.noetl.execution.KnownData.Iterations;
import io.noetl.execution.KnownData.Missing;
import io.noetl.execution.KnownData.Value;
import io.noetl.json.Json;
import io.noetl.json.Weight;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.OutputOptions;
import io.noetl.playbook.value.References;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Data out of line in one decision: what was handed in, and what the decision itself makes that is
 * too large for an event.
 */
final class StoredData implements DataSource {
  private final Transition transition;
  private final KnownData known;
  private final List<NewResult> made = new ArrayList<>();
  private final Map<String, @Nullable Object> own = new HashMap<>();
  private boolean leaving;

  StoredData(Transition transition, KnownData known) {
    this.transition = transition;
    this.known = known;
  }

  /** Stored data that is at hand. */
  KnownData known() {
    return known;
  }

  List<NewResult> made() {
    return List.copyOf(made);
  }

  /**
   * @throws NeedsDataException when it was not handed in
   * @throws TemplateException when it cannot be had
   */
  @Override
  public @Nullable Object data(Map<String, @Nullable Object> reference) {
    String uri = References.uri(reference);
    if (uri == null) {
      throw new TemplateException(
          "Expected a reference to have a uri of noetl://, but it has none");
    }
    if (leaving
        && reference.get(References.BYTES) instanceof Number bytes
        && bytes.longValue() > transition.language().limits().inlineBytes()) {
      throw new NeedsDataException(uri, true);
    }
    if (own.containsKey(uri)) {
      return own.get(uri);
    }
    return switch (known.find(uri)) {
      case null -> throw new NeedsDataException(uri, false);
      case Missing(String sentence) -> throw new TemplateException(sentence);
      case Value(Object data) -> data;
      case Iterations(Map<Integer, @Nullable Object> iterations) ->
          loop(uri, reference, iterations);
    };
  }

  /** Renders for a worker: what touches large data is left to it, even if the data is at hand. */
  <T> T leaving(Supplier<T> rendering) {
    return rendering(true, rendering);
  }

  /** Renders here, inside of what is rendered for a worker. */
  <T extends @Nullable Object> T staying(Supplier<T> rendering) {
    return rendering(false, rendering);
  }

  private <T extends @Nullable Object> T rendering(boolean leave, Supplier<T> rendering) {
    boolean before = leaving;
    leaving = leave;
    try {
      return rendering.get();
    } finally {
      leaving = before;
    }
  }

  /** The value of a loop that has just ended: the log's iterations and those of this decision. */
  private @Nullable Object loop(
      String uri,
      Map<String, @Nullable Object> reference,
      Map<Integer, @Nullable Object> iterations) {
    ResultUris.Address address = ResultUris.parse(uri);
    if (address == null
        || !(reference.get(References.EXTRACTED) instanceof Map<?, ?> extracted)
        || !(extracted.get("count") instanceof Number count)) {
      throw new TemplateException("Expected the reference of a loop, but got " + uri);
    }
    Map<Integer, @Nullable Object> all = new HashMap<>(iterations);
    for (StoredEvent stored : transition.events()) {
      if (stored.event() instanceof IterationFinished e
          && e.step().equals(address.name())
          && e.visit() == address.id()) {
        all.put(e.iteration(), of(e.outcome()));
      }
    }
    List<@Nullable Object> results = new ArrayList<>(count.intValue());
    for (int i = 0; i < count.intValue(); i++) {
      if (!all.containsKey(i)) {
        // What was handed in is older than the state: more has been committed since.
        throw new NeedsDataException(uri, false);
      }
      results.add(all.get(i));
    }
    Object value = LoopRun.value(results, extracted.get("stats"));
    own.put(uri, value);
    return value;
  }

  /** The data of an outcome, wherever it is. */
  @Nullable Object of(Outcome outcome) {
    return References.data(outcome, this);
  }

  /** An item of a loop. */
  @Nullable Object item(LoopItems items, int index) {
    return switch (items) {
      case LoopItems.Numbers _ -> (long) index;
      case LoopItems.Listed listed -> listed.items().get(index);
      case LoopItems.Paged paged -> {
        String uri = paged.uris().get(index / paged.perPage());
        Map<String, @Nullable Object> reference = new LinkedHashMap<>();
        reference.put(References.URI, uri);
        if (!(data(reference) instanceof List<?> page)) {
          throw new TemplateException("Expected a page of a loop's items at " + uri);
        }
        yield page.get(index % paged.perPage());
      }
    };
  }

  /** The outcome of a step that the server itself completes, its data out of line when large. */
  Outcome bounded(String step, Outcome outcome, OutputOptions options) {
    Object data = outcome.data();
    long limit = transition.language().limits().inlineBytes();
    boolean away = options.outOfLine(data, limit);
    if (!away && !(options.declared() && data != null)) {
      return outcome;
    }
    Map<String, @Nullable Object> reference = store(step, step, data, options);
    return References.with(outcome, away ? null : data, reference);
  }

  /** The writes, with values that are too large for an event out of line. */
  List<CtxWrite> bounded(@Nullable String step, ExecutionState seen, List<CtxWrite> writes) {
    List<CtxWrite> out = new ArrayList<>(writes.size());
    for (CtxWrite write : writes) {
      CtxWrite whole = write;
      String head = write.path().getFirst();
      Map<String, @Nullable Object> old = References.ofMarked(seen.ctx().get(head));
      if (write.path().size() > 1 && old != null) {
        // Part of a variable that is out of line changes: the fold could not do that.
        whole =
            new CtxWrite(
                List.of(head),
                Fold.laidInto(
                    data(old), write.path().subList(1, write.path().size()), write.value()));
      }
      Object value = whole.value();
      if (References.ofMarked(value) == null
          && Weight.over(value, transition.language().limits().inlineBytes())) {
        value = References.marked(store("ctx." + head, step, value, OutputOptions.NONE));
      }
      out.add(new CtxWrite(whole.path(), value));
    }
    return out;
  }

  /** Pages of a list of items that is too long for an event. */
  LoopItems.Paged paged(String step, List<? extends @Nullable Object> items, long weight) {
    long pages = Math.max(1, weight / transition.language().limits().inlineBytes() + 1);
    int perPage = (int) Math.max(1, items.size() / pages);
    List<String> uris = new ArrayList<>();
    for (int from = 0; from < items.size(); from += perPage) {
      List<? extends @Nullable Object> page =
          items.subList(from, Math.min(from + perPage, items.size()));
      Map<String, @Nullable Object> reference =
          store(step + ".items", step, page, OutputOptions.NONE);
      uris.add(String.valueOf(reference.get(References.URI)));
    }
    return new LoopItems.Paged(items.size(), perPage, uris);
  }

  private Map<String, @Nullable Object> store(
      String name, @Nullable String step, @Nullable Object data, OutputOptions options) {
    byte[] json = Json.bytes(data);
    long limit = transition.language().limits().resultBytes();
    if (json.length > limit) {
      throw new TemplateException(
          "Expected '"
              + name
              + "' to be at most "
              + limit
              + " bytes as JSON (limits.result-body), but it is "
              + json.length);
    }
    long id = transition.mint().nextId();
    Map<String, @Nullable Object> reference = new LinkedHashMap<>();
    String uri = ResultUris.ofResult(transition.state().executionId(), name, id);
    reference.put(References.URI, uri);
    reference.put("kind", "result_ref");
    reference.put(References.STORE, "db");
    reference.put("scope", "execution");
    reference.put(References.BYTES, (long) json.length);
    reference.put("sha", sha256(json));
    reference.put("media_type", "application/json");
    Map<String, @Nullable Object> whole = options.described(reference, data);
    made.add(new NewResult(id, name, step, json, whole));
    own.put(uri, data);
    return whole;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
