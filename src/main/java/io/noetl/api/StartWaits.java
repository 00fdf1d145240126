package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.journal.IntentHandler;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Holds the reply to a start until the execution has ended or the time is over. */
final class StartWaits {
  private static final Pattern QUERY = Pattern.compile("(\\d{1,9})(ms|s|m)?");
  private static final Pattern PREFER =
      Pattern.compile("(?:^|[,;\\s])wait=(\\d{1,9})(?=$|[,;\\s])");

  private final EventFeed feed;
  private final Executions executions;
  private final IntentHandler intents;
  private final Summaries summaries;
  private final ApiLimits limits;

  StartWaits(
      EventFeed feed,
      Executions executions,
      IntentHandler intents,
      Summaries summaries,
      ApiLimits limits) {
    this.feed = feed;
    this.executions = executions;
    this.intents = intents;
    this.summaries = summaries;
    this.limits = limits;
  }

  /**
   * How long the caller wants to wait, at most {@code limits.wait}; zero when it does not.
   *
   * @throws Problem.Refusal 400 when the query says it in no way that is known
   */
  Duration asked(Call call) {
    String query = call.query("wait");
    if (query != null) {
      Matcher matcher = QUERY.matcher(query);
      if (!matcher.matches()) {
        throw Problems.badRequest(
                "Expected wait to be a time such as 500ms or 10s, but got '" + query + "'")
            .refusal();
      }
      long number = Long.parseLong(matcher.group(1));
      return atMost(
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            case null, default -> Duration.ofSeconds(number);
          });
    }
    String prefer = call.header("Prefer");
    Matcher matcher = prefer == null ? null : PREFER.matcher(prefer);
    return matcher != null && matcher.find()
        // A preference that cannot be read is none.
        ? atMost(Duration.ofSeconds(Long.parseLong(matcher.group(1))))
        : Duration.ZERO;
  }

  private Duration atMost(Duration asked) {
    return asked.compareTo(limits.longestWait()) > 0 ? limits.longestWait() : asked;
  }

  /** The reply to the start with {@code finished} and the summary as it is at the end of it. */
  Reply held(String tenant, Map<String, @Nullable Object> started, Duration atMost) {
    long executionId = Ids.parse(started.get("execution_id"), "execution_id");
    ExecutionRow row = ended(tenant, executionId, atMost);
    Map<String, @Nullable Object> out = new LinkedHashMap<>(started);
    out.put("finished", row.status().terminal());
    out.put("execution", summaries.summary(row));
    return Reply.ok(out);
  }

  private ExecutionRow ended(String tenant, long executionId, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    // Watched before it is looked at, so that no commit falls in between.
    try (EventFeed.Watch watch = feed.watch(executionId, _ -> {})) {
      if (intents.live(executionId)) {
        // It was started here a moment ago and goes on: the row has nothing new to say.
        watch.awaitEnd(atMost);
      }
      while (true) {
        ExecutionRow row =
            executions.find(tenant, executionId).orElseThrow(() -> Owners.notFound(executionId));
        long left = deadline - System.nanoTime();
        if (row.status().terminal() || left <= 0 || watch.closed()) {
          return row;
        }
        watch.awaitEnd(Duration.ofNanos(left));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problems.unavailable("The server is stopping; try again").refusal();
    }
  }
}
