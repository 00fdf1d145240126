package io.noetl.query;

import io.noetl.envelope.ExecutionStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One execution as its row has it.
 *
 * @param seq position of its last event, and so the number of its events
 * @param stepsTotal steps that a token has come to
 * @param error sentence of the failure or cancellation
 * @param resultJson result as JSON text; null while there is none, or when it was not asked for
 */
public record ExecutionRow(
    long executionId,
    String tenantId,
    long catalogId,
    String path,
    int version,
    ExecutionStatus status,
    int seq,
    @Nullable Long parentExecutionId,
    @Nullable String currentStep,
    int stepsTotal,
    int stepsDone,
    int stepsFailed,
    int stepsRunning,
    @Nullable String error,
    @Nullable String resultJson,
    Instant startedAt,
    Instant updatedAt,
    @Nullable Instant endedAt) {}
