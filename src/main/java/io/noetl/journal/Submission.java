package io.noetl.journal;

import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.KnownData.Known;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One intent on its way through a lane.
 *
 * @param take the worker that has room for commands that this decision issues, or null
 * @param dedup key that makes a start idempotent, or null
 * @param data got for it so far, by uri
 * @param needs how often data was got for it
 */
record Submission(
    String tenantId,
    long executionId,
    ExecutionIntent intent,
    @Nullable Take take,
    Commit.@Nullable Dedup dedup,
    CompletableFuture<IntentReply> reply,
    int decisions,
    Map<String, Known> data,
    int needs) {

  Submission decidedOnce() {
    return new Submission(
        tenantId, executionId, intent, take, dedup, reply, decisions + 1, data, needs);
  }

  Submission with(String uri, Known known) {
    Map<String, Known> more = new HashMap<>(data);
    more.put(uri, known);
    return new Submission(
        tenantId, executionId, intent, take, dedup, reply, decisions, more, needs + 1);
  }
}
