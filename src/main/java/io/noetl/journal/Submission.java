package io.noetl.journal;

import io.noetl.execution.ExecutionIntent;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One intent on its way through a lane.
 *
 * @param take the worker that has room for commands that this decision issues, or null
 * @param dedup key that makes a start idempotent, or null
 */
record Submission(
    String tenantId,
    long executionId,
    ExecutionIntent intent,
    @Nullable Take take,
    Commit.@Nullable Dedup dedup,
    CompletableFuture<IntentReply> reply,
    int decisions) {

  Submission decidedOnce() {
    return new Submission(tenantId, executionId, intent, take, dedup, reply, decisions + 1);
  }
}
