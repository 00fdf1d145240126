package io.noetl.playbook;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One tool call as registered, unrendered and in its normal form.
 *
 * @param kind which tool
 * @param fields the fields of the kind (for example {@code url}, {@code code}); configuration
 *     hoisted out of {@code spec}; {@code credential} is {@code auth}, {@code timeout} is {@code
 *     timeout_seconds} (a number where it was a plain duration); without {@code kind, name, label,
 *     desc, description, spec, set, eval, input, args, retry, output, output_select}, except that
 *     {@code args} stays for {@code container} and {@code name} for {@code nats}
 * @param input the {@code input} (alias {@code args}) as written; usually a map; null = none
 * @param policy outcome rules, null = none
 * @param set mutations after the call
 * @param timeout from {@code spec.timeout}; null = none
 * @param retry the older form of repetition; null = none, also when the policy has a retry rule
 * @param source the whole normal form as one JSON map, from which {@link ToolParser} makes an equal
 *     record: this is what travels in a command
 */
public record ToolSpec(
    ToolKind kind,
    Map<String, @Nullable Object> fields,
    @Nullable Object input,
    @Nullable Policy policy,
    List<Mutation> set,
    @Nullable Duration timeout,
    @Nullable Retry retry,
    Map<String, @Nullable Object> source) {

  public ToolSpec {
    set = List.copyOf(set);
  }
}
