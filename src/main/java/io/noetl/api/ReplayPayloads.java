package io.noetl.api;

import io.noetl.execution.KnownData.Iterations;
import io.noetl.execution.KnownData.Known;
import io.noetl.execution.KnownData.Missing;
import io.noetl.execution.KnownData.Value;
import io.noetl.json.Weight;
import io.noetl.playbook.value.References;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts data that is stored out of line into the document of a state. What is not there any more
 * stays a reference. Confined to one thread, for one document.
 */
final class ReplayPayloads {
  private static final String REFERENCE = "reference";
  private static final String CONTEXT = "context";
  private static final String DATA = "data";
  private static final String RESULT = "result";

  private final Function<String, Known> data;
  private final int mostBytes;
  private final Map<String, Known> known = new LinkedHashMap<>();
  private final Map<String, String> unresolved = new LinkedHashMap<>();
  private long bytes;

  /**
   * @param data by uri
   * @param mostBytes {@code limits.result-body}: about how much may be put in altogether, as JSON
   */
  ReplayPayloads(Function<String, Known> data, int mostBytes) {
    this.data = data;
    this.mostBytes = mostBytes;
  }

  /**
   * The document with the data in it.
   *
   * @throws Problem.Refusal 413 when there is too much of it
   */
  Map<String, @Nullable Object> into(Map<String, @Nullable Object> document) {
    Map<String, @Nullable Object> out = map(document);
    // The result of an execution is a bare reference when it is out of line.
    if (document.get(RESULT) instanceof Map<?, ?> reference
        && References.uri(reference) != null
        && String.valueOf(reference.get("kind")).endsWith("_ref")) {
      out.put(RESULT, resolved(reference, reference));
    }
    return out;
  }

  /** Why the data of some references could not be had, by uri. */
  List<@Nullable Object> unresolved() {
    List<@Nullable Object> list = new ArrayList<>();
    unresolved.forEach((uri, reason) -> list.add(Map.of("uri", uri, "reason", reason)));
    return list;
  }

  private @Nullable Object value(@Nullable Object value) {
    Map<String, @Nullable Object> marked = References.ofMarked(value);
    if (marked != null) {
      return resolved(marked, value);
    }
    return switch (value) {
      case Map<?, ?> map -> map(map);
      case List<?> list -> {
        List<@Nullable Object> items = new ArrayList<>(list.size());
        list.forEach(item -> items.add(value(item)));
        yield items;
      }
      case null, default -> value;
    };
  }

  private Map<String, @Nullable Object> map(Map<?, ?> map) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    map.forEach((name, member) -> out.put(String.valueOf(name), value(member)));
    // An outcome: {status, reference, context: {data}}.
    if (map.get(REFERENCE) instanceof Map<?, ?> reference
        && References.uri(reference) != null
        && map.get(CONTEXT) instanceof Map<?, ?> context
        && context.get(DATA) == null) {
      Object found = resolved(reference, null);
      if (found != null) {
        Map<String, @Nullable Object> whole = map(context);
        whole.put(DATA, found);
        out.put(CONTEXT, whole);
      }
    }
    return out;
  }

  /**
   * @param otherwise what stands there when the data is gone
   */
  private @Nullable Object resolved(Map<?, ?> reference, @Nullable Object otherwise) {
    String uri = String.valueOf(References.uri(reference));
    Known found = known.get(uri);
    if (found == null) {
      found = data.apply(uri);
      known.put(uri, found);
    }
    return switch (found) {
      case Value(Object whole) -> {
        bytes += Weight.of(whole);
        if (bytes > mostBytes) {
          throw Problems.tooLarge(
                  "the payloads of a state", "limits.result-body", mostBytes, "more than that")
              .with("hint", "leave resolve_payloads out and resolve references one by one")
              .refusal();
        }
        yield whole;
      }
      case Missing(String sentence) -> {
        unresolved.put(uri, sentence);
        yield otherwise;
      }
      case Iterations _ -> {
        unresolved.put(uri, "Expected the loop to have ended, but it runs");
        yield otherwise;
      }
    };
  }
}
