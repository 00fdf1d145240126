package io.noetl.playbook;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One tool call as registered, unrendered and in its normal form.
 *
 * @param kind which tool
 * @param fields the fields of the kind (for example {@code url}, {@code code}, {@code auth}, {@code
 *     timeout_seconds}); configuration hoisted out of {@code spec}; without {@code kind, name,
 *     label, desc, spec, set, eval, input, args, retry, output}
 * @param input the {@code input} (alias {@code args}) as written; usually a map; null = none
 * @param policy outcome rules, null = none
 * @param set mutations after the call
 * @param timeout from {@code spec.timeout}; null = none
 * @param source the whole normal form as one JSON map, from which {@code ToolParser} makes an equal
 *     record: this is what travels in a command
 */
public record ToolSpec(
    ToolKind kind,
    Map<String, @Nullable Object> fields,
    @Nullable Object input,
    @Nullable Policy policy,
    List<Mutation> set,
    @Nullable Duration timeout,
    Map<String, @Nullable Object> source) {

  public ToolSpec {
    set = List.copyOf(set);
  }
}
