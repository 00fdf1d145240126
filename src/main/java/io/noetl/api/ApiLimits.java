package io.noetl.api;

import io.noetl.config.LimitsConfig;
import java.time.Duration;

/**
 * Limits of the HTTP interface. Each is checked while reading, and its refusal names it.
 *
 * @param bodyBytes {@code limits.request-body}: request bodies unless listed below
 * @param registerBytes {@code limits.register-body}: body of catalog/register, larger than the text
 *     because of base64 and escapes
 * @param executeBytes {@code limits.execute-body}: body of execute
 * @param eventBytes {@code limits.event-body}: body of events
 * @param resultBytes {@code limits.inline-result}: the result inside one event, as JSON
 * @param metaBytes {@code limits.meta}: {@code meta} of one event, as JSON
 * @param batchBytes {@code limits.batch-body}: body of a batch
 * @param batchItems {@code limits.batch-items}: items of a batch
 * @param storedBytes {@code limits.result-body}: a result that is stored out of line
 * @param pluginBytes {@code limits.plugin-module}: body of a plug-in registration
 * @param usualPageSize {@code limits.page-size}: rows of a list that asks for no number
 * @param pageSize {@code limits.max-page-size}: rows of a list; more is clamped
 * @param eventPageSize {@code limits.event-page-size}: events of a page; more is clamped
 * @param embeddedEvents {@code limits.embedded-events}: newest events inside an execution
 * @param replayEvents {@code limits.replay-events}: events that one replay takes
 * @param longestWait {@code limits.wait}: how long a start may be held until its execution ends
 * @param streams {@code limits.streams}: open event streams
 * @param streamBehind {@code limits.stream-behind}: events that a reader may be behind
 * @param streamStall {@code limits.stream-stall}: how long one write to a reader may take
 * @param streamHeartbeat {@code limits.stream-heartbeat}: longest silence on a stream
 */
public record ApiLimits(
    int bodyBytes,
    int registerBytes,
    int executeBytes,
    int eventBytes,
    int resultBytes,
    int metaBytes,
    int batchBytes,
    int batchItems,
    int storedBytes,
    int pluginBytes,
    int usualPageSize,
    int pageSize,
    int eventPageSize,
    int embeddedEvents,
    int replayEvents,
    Duration longestWait,
    int streams,
    int streamBehind,
    Duration streamStall,
    Duration streamHeartbeat) {

  private static final int MIB = 1024 * 1024;

  public static final ApiLimits DEFAULT =
      new ApiLimits(
          2 * MIB,
          8 * MIB,
          16 * MIB,
          4 * MIB,
          102_400,
          16 * 1024,
          64 * MIB,
          1_000,
          64 * MIB,
          4 * MIB,
          100,
          1_000,
          500,
          500,
          100_000,
          Duration.ofSeconds(60),
          1_000,
          1_000,
          Duration.ofSeconds(30),
          Duration.ofSeconds(15));

  public ApiLimits {
    positive("limits.request-body", bodyBytes);
    positive("limits.register-body", registerBytes);
    positive("limits.execute-body", executeBytes);
    positive("limits.event-body", eventBytes);
    positive("limits.inline-result", resultBytes);
    positive("limits.meta", metaBytes);
    positive("limits.batch-body", batchBytes);
    positive("limits.batch-items", batchItems);
    positive("limits.result-body", storedBytes);
    positive("limits.plugin-module", pluginBytes);
    positive("limits.page-size", usualPageSize);
    positive("limits.max-page-size", pageSize);
    positive("limits.event-page-size", eventPageSize);
    positive("limits.embedded-events", embeddedEvents);
    positive("limits.replay-events", replayEvents);
    positive("limits.wait", longestWait.toMillis());
    positive("limits.streams", streams);
    positive("limits.stream-behind", streamBehind);
    positive("limits.stream-stall", streamStall.toMillis());
    positive("limits.stream-heartbeat", streamHeartbeat.toMillis());
  }

  /** The limits as the settings say. */
  public static ApiLimits of(LimitsConfig config) {
    return new ApiLimits(
        bytes(config.requestBody()),
        bytes(config.registerBody()),
        bytes(config.executeBody()),
        bytes(config.eventBody()),
        bytes(config.inlineResult()),
        bytes(config.meta()),
        bytes(config.batchBody()),
        config.batchItems(),
        bytes(config.resultBody()),
        bytes(config.pluginModule()),
        config.pageSize(),
        config.maxPageSize(),
        config.eventPageSize(),
        Math.max(1, config.embeddedEvents()),
        config.replayEvents(),
        config.longestWait(),
        config.streams(),
        config.streamBehind(),
        config.streamStall(),
        config.streamHeartbeat());
  }

  private static int bytes(long value) {
    return Math.toIntExact(value);
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("Expected " + name + " to be positive, but got " + value);
    }
  }
}
