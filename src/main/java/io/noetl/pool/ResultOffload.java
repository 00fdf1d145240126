package io.noetl.pool;

import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.json.Weight;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.OutputOptions;
import io.noetl.playbook.value.References;
import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.support.Backoff;
import io.noetl.tool.sequence.CommandResult;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores data that is too large for a report, so that the report carries a reference instead. A
 * status without its data is no outcome: what cannot be stored is not reported.
 */
final class ResultOffload {
  private static final Logger log = LoggerFactory.getLogger(ResultOffload.class);

  /** What a report keeps of each stream of a tool; the data holds the rest where it matters. */
  private static final int STREAM_TAIL = 8 * 1024;

  private final ServerClient server;
  private final int inlineBytes;

  /**
   * @param inlineBytes JSON of data that a report may carry
   */
  ResultOffload(ServerClient server, int inlineBytes) {
    this.server = server;
    this.inlineBytes = inlineBytes;
  }

  /**
   * What to report.
   *
   * @return null when the lease was lost before the data was stored
   */
  @Nullable CommandResult prepared(Leases.Held held, CommandResult finished)
      throws InterruptedException {
    Claimed command = held.command();
    Outcome outcome = trimmed(finished.outcome());
    Object data = outcome.data();
    if (References.elsewhere(outcome)) {
      return new CommandResult(outcome, finished.writes()); // stored while it was made
    }
    OutputOptions options = options(command);
    boolean away = options.outOfLine(data, inlineBytes);
    if (!away && !(options.declared() && data != null)) {
      return outcome == finished.outcome()
          ? finished
          : new CommandResult(outcome, finished.writes());
    }
    byte[] json = Json.bytes(data);
    Map<String, @Nullable Object> described = options.described(Map.of(), data);
    String path = path(command, options, described);
    Backoff backoff =
        new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10), RandomGenerator.getDefault());
    while (!held.lost()) {
      try {
        Reply reply = server.as(command.tenantId()).put(path, "application/json", json);
        if (reply.ok()) {
          return new CommandResult(
              References.with(outcome, away ? null : data, reference(reply, described)),
              finished.writes());
        }
        if (!reply.passing()) {
          return refused(reply);
        }
        log.warn("data of command {} is stored again: {}", command.commandId(), reply.error());
        Long wait = reply.retryAfterSeconds();
        Thread.sleep(wait == null ? backoff.next() : Duration.ofSeconds(wait));
      } catch (UnreachableException e) {
        log.warn("data of command {} is stored again: {}", command.commandId(), e.getMessage());
        Thread.sleep(backoff.next());
      }
    }
    return null;
  }

  static OutputOptions options(Claimed command) {
    return command.context().get("output") instanceof Map<?, ?> output
        ? OutputOptions.of(output)
        : OutputOptions.NONE;
  }

  /** Whose result it is: the same attempt that stores again gets the first one. */
  static Map<String, @Nullable Object> correlation(Claimed command) {
    Map<String, @Nullable Object> correlation = new LinkedHashMap<>();
    correlation.put("command_id", Ids.text(command.commandId()));
    correlation.put("attempt", command.attempt());
    return correlation;
  }

  static Map<String, @Nullable Object> reference(
      Reply reply, Map<String, @Nullable Object> described) {
    Map<String, @Nullable Object> reference = new LinkedHashMap<>();
    reference.put(References.URI, reply.body().get("ref"));
    reference.put("kind", "result_ref");
    reference.put(References.STORE, reply.body().get("store"));
    reference.put("scope", reply.body().get("scope"));
    reference.put(References.BYTES, reply.body().get("bytes"));
    reference.put("sha", reply.body().get("sha"));
    reference.put("media_type", "application/json");
    reference.putAll(described);
    if (reply.body().get("expires_at") != null) {
      reference.put("expires_at", reply.body().get("expires_at"));
    }
    return reference;
  }

  /** The step must fail aloud, not be tried for ever. */
  private static CommandResult refused(Reply reply) {
    String code = reply.status() == 413 ? "RESULT_TOO_LARGE" : "RESULT_NOT_STORED";
    return new CommandResult(
        Outcome.hard(Errors.of("result", code, reply.error(), false)), List.of());
  }

  private static String path(
      Claimed command, OutputOptions options, Map<String, @Nullable Object> described) {
    Map<String, @Nullable Object> meta = new LinkedHashMap<>(described);
    meta.put("correlation", correlation(command));
    // What stands in the address must stay short; the event has all of it.
    if (Weight.of(meta) > 2_000) {
      meta.remove(References.EXTRACTED);
    }
    StringBuilder path =
        new StringBuilder("/api/result/").append(Ids.text(command.executionId())).append("?name=");
    path.append(encoded(name(command.step())));
    path.append("&source_step=").append(encoded(command.step()));
    String ttl = options.ttl();
    if (ttl != null) {
      path.append("&ttl=").append(encoded(ttl));
    }
    String scope = options.scope();
    if (scope != null) {
      path.append("&scope=").append(encoded(scope));
    }
    return path.append("&meta=").append(encoded(Json.text(meta))).toString();
  }

  static String name(String step) {
    return step.length() > 200 ? step.substring(0, 200) : step;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static Outcome trimmed(Outcome outcome) {
    Map<String, @Nullable Object> streams = outcome.streams();
    if (streams == null || Weight.of(streams) <= 2 * STREAM_TAIL) {
      return outcome;
    }
    Map<String, @Nullable Object> tails = new LinkedHashMap<>();
    streams.forEach(
        (name, value) ->
            tails.put(
                name,
                value instanceof String text && text.length() > STREAM_TAIL
                    ? text.substring(text.length() - STREAM_TAIL)
                    : value));
    return new Outcome(
        outcome.status(),
        outcome.shape(),
        outcome.data(),
        outcome.error(),
        outcome.hard(),
        outcome.http(),
        outcome.meta(),
        outcome.reference(),
        tails);
  }
}
