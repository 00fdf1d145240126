package io.noetl.playbook;

import org.jspecify.annotations.Nullable;

/**
 * One entry of a {@code set} block.
 *
 * @param key as written after normalisation, for example {@code ctx.total}, {@code iter.page} or
 *     {@code total}
 * @param value any JSON value; strings may be templates
 */
public record Mutation(String key, @Nullable Object value) {}
