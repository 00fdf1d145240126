package io.noetl.api;

import java.time.Duration;

/**
 * Limits of the HTTP interface. Each is checked while reading, and its refusal names it.
 *
 * @param bodyBytes {@code api.max-body-bytes}: request bodies unless listed below
 * @param registerBytes {@code api.max-register-bytes}: body of catalog/register, larger than the
 *     text because of base64 and escapes
 * @param executeBytes {@code api.max-execute-bytes}: body of execute
 * @param eventBytes {@code api.max-event-bytes}: body of events
 * @param resultBytes {@code api.max-result-bytes}: the result inside one event, as JSON
 * @param metaBytes {@code api.max-meta-bytes}: {@code meta} of one event, as JSON
 * @param batchBytes {@code api.max-batch-bytes}: body of a batch
 * @param batchItems {@code api.max-batch-items}: items of a batch
 * @param pluginBytes {@code api.max-plugin-bytes}: body of a plug-in registration
 * @param pageSize {@code api.max-page-size}: rows of a list; more is clamped
 * @param eventPageSize {@code api.max-event-page-size}: events of a page; more is clamped
 * @param embeddedEvents {@code api.max-embedded-events}: newest events inside an execution
 * @param streams {@code api.max-streams}: open event streams
 * @param streamBehind {@code api.max-stream-behind}: events that a reader may be behind
 * @param streamStall {@code api.stream-stall}: how long one write to a reader may take
 * @param streamHeartbeat {@code api.stream-heartbeat}: longest silence on a stream
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
    int pluginBytes,
    int pageSize,
    int eventPageSize,
    int embeddedEvents,
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
          4 * MIB,
          1_000,
          500,
          500,
          1_000,
          1_000,
          Duration.ofSeconds(30),
          Duration.ofSeconds(15));

  public ApiLimits {
    positive("api.max-body-bytes", bodyBytes);
    positive("api.max-register-bytes", registerBytes);
    positive("api.max-execute-bytes", executeBytes);
    positive("api.max-event-bytes", eventBytes);
    positive("api.max-result-bytes", resultBytes);
    positive("api.max-meta-bytes", metaBytes);
    positive("api.max-batch-bytes", batchBytes);
    positive("api.max-batch-items", batchItems);
    positive("api.max-plugin-bytes", pluginBytes);
    positive("api.max-page-size", pageSize);
    positive("api.max-event-page-size", eventPageSize);
    positive("api.max-embedded-events", embeddedEvents);
    positive("api.max-streams", streams);
    positive("api.max-stream-behind", streamBehind);
    positive("api.stream-stall", streamStall.toMillis());
    positive("api.stream-heartbeat", streamHeartbeat.toMillis());
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("Expected " + name + " to be positive, but got " + value);
    }
  }
}
