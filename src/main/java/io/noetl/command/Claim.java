package io.noetl.command;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The answer to a claim. */
public sealed interface Claim {

  /**
   * The worker holds the command.
   *
   * @param contextJson everything the worker needs, as JSON text
   * @param parkedJson what goes on outside for it since an earlier claim, as JSON text; null =
   *     nothing does
   */
  record Granted(
      long commandId,
      long executionId,
      String tenantId,
      String step,
      int visit,
      @Nullable Integer iteration,
      String kind,
      String pool,
      int attempt,
      long fence,
      Instant leaseUntil,
      Instant claimedAt,
      String contextJson,
      @Nullable String parkedJson)
      implements Claim {}

  /**
   * Somebody else holds it until then.
   *
   * @param ranOut the lease, when it has run out and nobody has ended it yet; else null
   */
  record LeaseActive(
      @Nullable String claimedBy, Instant leaseUntil, CommandQueue.@Nullable Expired ranOut)
      implements Claim {}

  /** Its execution is paused; it is offered again when that goes on. */
  record Paused() implements Claim {}

  /** Its attempts are used up. */
  record Dead(@Nullable String reason) implements Claim {}

  /** There is no such open command: it ended, or never existed. */
  record NotOpen() implements Claim {}
}
