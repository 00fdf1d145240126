package io.noetl.config;

import java.time.Duration;

/**
 * Sizes that the API accepts; over them it answers 413 and names the limit.
 *
 * @param requestBody body of a route that is not listed
 * @param registerBody body of a catalog registration
 * @param executeBody body of an execution request
 * @param eventBody body of one event
 * @param inlineResult result inside an event
 * @param batchBody body of a batch of events or executions
 * @param batchItems items of a batch
 * @param resultBody a stored result or object
 * @param pluginModule a plug-in module
 * @param pageSize entries of a page that asks for no number
 * @param maxPageSize most entries of a page
 * @param embeddedEvents newest events shown inside an execution
 * @param streamBehind events that a reader of a stream may fall behind before it is closed
 * @param meta {@code meta} of an event
 * @param eventPageSize most events of a page
 * @param streams event streams that are open at once
 * @param streamStall how long one write to the reader of a stream may take
 * @param streamHeartbeat longest silence on a stream
 * @param replayEvents most events that one replay takes
 * @param longestWait how long a start may be held until its execution ends
 */
public record LimitsConfig(
    long requestBody,
    long registerBody,
    long executeBody,
    long eventBody,
    long inlineResult,
    long batchBody,
    int batchItems,
    long resultBody,
    long pluginModule,
    int pageSize,
    int maxPageSize,
    int embeddedEvents,
    int streamBehind,
    long meta,
    int eventPageSize,
    int streams,
    Duration streamStall,
    Duration streamHeartbeat,
    int replayEvents,
    Duration longestWait) {

  public LimitsConfig {
    new Checks("limits")
        .bytes("request-body", requestBody, 1, 1L << 30)
        .bytes("register-body", registerBody, 1, 1L << 30)
        .bytes("execute-body", executeBody, 1, 1L << 30)
        .bytes("event-body", eventBody, 1, 1L << 30)
        .bytes("inline-result", inlineResult, 1, 16L << 20)
        .bytes("batch-body", batchBody, 1, 1L << 30)
        .range("batch-items", batchItems, 1, 100_000)
        .bytes("result-body", resultBody, 1, 1L << 30)
        .bytes("plugin-module", pluginModule, 1, 64L << 20)
        .range("page-size", pageSize, 1, 1_000)
        .range("max-page-size", maxPageSize, 1, 10_000)
        .range("embedded-events", embeddedEvents, 0, 10_000)
        .range("stream-behind", streamBehind, 1, 1_000_000)
        .bytes("meta", meta, 1, 16L << 20)
        .range("event-page-size", eventPageSize, 1, 10_000)
        .range("streams", streams, 1, 1_000_000)
        .range("stream-stall", streamStall, Duration.ofMillis(1), Duration.ofHours(1))
        .range("stream-heartbeat", streamHeartbeat, Duration.ofMillis(1), Duration.ofHours(1))
        .range("replay-events", replayEvents, 1, 10_000_000)
        .range("wait", longestWait, Duration.ofMillis(1), Duration.ofHours(1))
        .done();
  }

  static LimitsConfig from(Values values) {
    return new LimitsConfig(
        values.bytes("request-body", 2L << 20, "Request body unless listed"),
        values.bytes("register-body", 8L << 20, "Body of a catalog registration"),
        values.bytes("execute-body", 16L << 20, "Payload of an execution"),
        values.bytes("event-body", 4L << 20, "Body of one event"),
        values.bytes("inline-result", 102_400, "Result inside an event"),
        values.bytes("batch-body", 64L << 20, "Body of a batch"),
        values.integer("batch-items", 1_000, "Items of a batch"),
        values.bytes("result-body", 64L << 20, "A stored result or object"),
        values.bytes("plugin-module", 4L << 20, "A plug-in module"),
        values.integer("page-size", 100, "Entries of a page"),
        values.integer("max-page-size", 1_000, "Most entries of a page"),
        values.integer("embedded-events", 500, "Newest events shown inside an execution"),
        values.integer("stream-behind", 1_000, "Events a stream reader may fall behind"),
        values.bytes("meta", 16L << 10, "Meta of an event"),
        values.integer("event-page-size", 500, "Most events of a page"),
        values.integer("streams", 1_000, "Event streams that are open at once"),
        values.duration(
            "stream-stall", Duration.ofSeconds(30), "How long one write to a stream may take"),
        values.duration("stream-heartbeat", Duration.ofSeconds(15), "Longest silence on a stream"),
        values.integer("replay-events", 100_000, "Most events that one replay takes"),
        values.duration(
            "wait",
            Duration.ofSeconds(60),
            "How long a start may be held until its execution ends"));
  }

  /** The values that hold when nothing is set. */
  public static LimitsConfig defaults() {
    return from(Values.defaults("limits"));
  }
}
