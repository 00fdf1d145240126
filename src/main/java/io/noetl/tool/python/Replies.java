package io.noetl.tool.python;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.Fields;
import io.noetl.tool.process.CallOutput;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the outcome of a call from how its process ended. */
final class Replies {
  private final CallOutput stdout;
  private final CallOutput stderr;
  private final long millis;

  /**
   * @param millis how long the call took
   */
  Replies(CallOutput stdout, CallOutput stderr, long millis) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.millis = millis;
  }

  /**
   * @param timeout the limit that was in force; only read when it was reached
   */
  Outcome outcome(RawReply raw, @Nullable Duration timeout, int resultLimit) {
    if (raw.timedOut()) {
      String after = timeout == null ? "" : " after " + Fields.words(timeout);
      return outcome(
          Status.TIMEOUT, null, Errors.timeout("Python script timed out" + after), false, null);
    }
    if (raw.reply().isEmpty()) {
      return ended(raw.exitCode());
    }
    Map<String, @Nullable Object> reply;
    try {
      reply = Json.parseObject(raw.reply().get());
    } catch (JsonException e) {
      return error(
          "python",
          "PY_RESULT",
          "Expected the result to be JSON within the limits, but: " + e.getMessage(),
          Map.of());
    }
    if (reply.containsKey("result")) {
      return outcome(Status.SUCCESS, reply.get("result"), null, false, 0);
    }
    if (reply.containsKey("none")) {
      return outcome(Status.SUCCESS, output(), null, false, 0);
    }
    if (reply.get("exit") instanceof Number code) {
      return ended(code.intValue());
    }
    if (reply.get("error") instanceof Map<?, ?> error) {
      return raised(error);
    }
    if (reply.get("too_large") instanceof Number size) {
      return outcome(
          Status.ERROR,
          null,
          Errors.of(
              "limit",
              "RESULT_TOO_LARGE",
              "Expected a result of at most "
                  + resultLimit
                  + " bytes (python.result-limit), but it has "
                  + size,
              false),
          true,
          0);
    }
    return outcome(
        Status.ERROR, null, Errors.configuration(String.valueOf(reply.get("refused"))), true, null);
  }

  /** The process ended itself, or was ended, before a result was captured. */
  private Outcome ended(int code) {
    if (code != 0) {
      return error("process", "EXIT_" + code, "Python script exited with code " + code, Map.of());
    }
    if (!stdout.truncated()) {
      try {
        return outcome(Status.SUCCESS, Json.parse(stdout.text()), null, false, 0);
      } catch (JsonException e) {
        // What it printed is not one JSON document: then it is output as always.
      }
    }
    return outcome(Status.SUCCESS, output(), null, false, 0);
  }

  private Outcome raised(Map<?, ?> raised) {
    Map<String, @Nullable Object> details = new LinkedHashMap<>();
    details.put("exception", raised.get("exception"));
    details.put("traceback", raised.get("traceback"));
    return error(
        String.valueOf(raised.get("kind")),
        "PY_" + raised.get("exception"),
        String.valueOf(raised.get("message")),
        details);
  }

  private Outcome error(
      String kind, String code, String message, Map<String, @Nullable Object> details) {
    Map<String, @Nullable Object> error = Errors.of(kind, code, message, false);
    error.putAll(details);
    int exit = code.startsWith("EXIT_") ? Integer.parseInt(code.substring(5)) : 1;
    return outcome(Status.ERROR, output(), error, false, exit);
  }

  private Map<String, @Nullable Object> output() {
    Map<String, @Nullable Object> output = new LinkedHashMap<>();
    output.put("stdout", stdout.text());
    output.put("stderr", stderr.text());
    return output;
  }

  private Outcome outcome(
      Status status,
      @Nullable Object data,
      @Nullable Map<String, @Nullable Object> error,
      boolean hard,
      @Nullable Integer exitCode) {
    Map<String, @Nullable Object> streams = output();
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("duration_ms", millis);
    if (exitCode != null) {
      streams.put("exit_code", exitCode);
      if (exitCode != 0 && error != null) {
        String message = String.valueOf(error.get("message"));
        String prefix = "Python script exited with code " + exitCode;
        meta.put("message", message.startsWith(prefix) ? message : prefix + ": " + message);
      }
    }
    return new Outcome(status, Shape.SINGLE, data, error, hard, null, meta, null, streams);
  }
}
