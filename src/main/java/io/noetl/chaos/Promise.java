package io.noetl.chaos;

import io.noetl.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a client was promised of one execution: it was accepted, so it ends as it must. */
final class Promise {
  /** What the answer to a cancellation has promised. */
  enum Cancelled {
    /** It ends by itself. */
    NO,
    /** It was, by an answer. */
    YES,
    /** An answer was lost: it may have been. */
    PERHAPS
  }

  private final Errand errand;
  private final int n;
  private final String key;
  private final long sentNanos = System.nanoTime();
  private volatile @Nullable String executionId;
  private volatile long acceptedNanos;
  private volatile long endedNanos;
  private volatile Cancelled cancelled = Cancelled.NO;

  /**
   * @param n of the execution; its result depends on it
   * @param key under which the start is repeated
   */
  Promise(Errand errand, int n, String key) {
    this.errand = errand;
    this.n = n;
    this.key = key;
  }

  Errand errand() {
    return errand;
  }

  int n() {
    return n;
  }

  String key() {
    return key;
  }

  /** When it was first asked for. */
  long sentNanos() {
    return sentNanos;
  }

  /** Null until it was accepted. */
  @Nullable String executionId() {
    return executionId;
  }

  void accepted(String id) {
    acceptedNanos = System.nanoTime();
    executionId = id;
  }

  void cancelled(Cancelled how) {
    cancelled = how;
  }

  void ended() {
    endedNanos = System.nanoTime();
  }

  boolean hasEnded() {
    return endedNanos != 0;
  }

  long acceptedNanos() {
    return acceptedNanos;
  }

  /** When it was seen to have ended; 0 when it was not. */
  long endedNanos() {
    return endedNanos;
  }

  boolean inFlight() {
    return executionId != null && !hasEnded();
  }

  /** What is wrong with an execution that has ended, or null. */
  @Nullable String broken(Map<String, @Nullable Object> execution) {
    String status = String.valueOf(execution.get("status"));
    List<String> allowed = new ArrayList<>();
    if (cancelled != Cancelled.YES) {
      allowed.add("COMPLETED");
    }
    if (cancelled != Cancelled.NO) {
      allowed.add("CANCELLED");
    }
    if (!allowed.contains(status)) {
      return "%s: Expected %s, but it is %s: %s"
          .formatted(this, String.join(" or ", allowed), status, execution.get("error"));
    }
    if (status.equals("COMPLETED")) {
      String result = Json.text(execution.get("result"));
      if (!errand.results(n).contains(result)) {
        return "%s: Expected the result %s, but it is %s"
            .formatted(this, String.join(" or ", errand.results(n)), result);
      }
    }
    return null;
  }

  /** Whether each of its effects must have happened. */
  boolean effectsPromised() {
    return cancelled == Cancelled.NO;
  }

  @Override
  public String toString() {
    return "execution %s of %s, n=%d".formatted(executionId, errand.path(), n);
  }
}
