package io.noetl.execution;

import io.noetl.playbook.ToolKind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A unit of work for a pool.
 *
 * @param commandId id of its {@code command.issued} event
 * @param context everything the worker needs; see {@code CommandContext}
 */
public record NewCommand(
    long commandId,
    long executionId,
    String step,
    int visit,
    @Nullable Integer iteration,
    ToolKind kind,
    String pool,
    Map<String, @Nullable Object> context) {}
