package io.noetl.wasm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a call of a plug-in ended. Always a value; no failure of a guest is an exception. */
public sealed interface PluginResult {
  /** What the call used and said. */
  Usage usage();

  /**
   * The plug-in succeeded.
   *
   * @param output a JSON value
   */
  record Ok(@Nullable Object output, Usage usage) implements PluginResult {}

  /**
   * The plug-in ran and reported an error: a soft error of the step.
   *
   * @param code the plug-in's own code
   * @param message cut to 4 KiB
   * @param retryable what the plug-in said; false when it said nothing
   * @param details any JSON value; null when absent
   */
  record GuestError(
      String code, String message, boolean retryable, @Nullable Object details, Usage usage)
      implements PluginResult {
    /** The error as the step's {@code output.error} shows it. */
    public Map<String, @Nullable Object> error() {
      Map<String, @Nullable Object> error = new LinkedHashMap<>();
      error.put("kind", "plugin");
      error.put("code", code);
      error.put("message", message);
      error.put("retryable", retryable);
      if (details != null) {
        error.put("details", details);
      }
      return error;
    }
  }

  /**
   * The call failed: a hard error of the step.
   *
   * @param message for a person; names what was expected and the ids to search for
   */
  record Failed(PluginErrorCode code, String message, Usage usage) implements PluginResult {}

  /**
   * What a call used and said.
   *
   * @param guestMicros time of the guest in microseconds, its start included
   * @param hostMicros time spent in capability calls, in microseconds
   * @param hostCalls capability calls made
   * @param fuel units spent, the same on every machine and in both modes; 0 of a guest that had to
   *     be given up, since it may still be running
   * @param calls the capability calls, in order, for the audit
   * @param log what the guest logged, in order
   * @param logDropped log lines beyond the limit
   */
  record Usage(
      long guestMicros,
      long hostMicros,
      int hostCalls,
      long fuel,
      List<HostCallRecord> calls,
      List<LogLine> log,
      int logDropped) {
    /** Of a call that never started. */
    static final Usage NONE = new Usage(0, 0, 0, 0, List.of(), List.of(), 0);

    public Usage {
      calls = List.copyOf(calls);
      log = List.copyOf(log);
    }
  }

  /** One line the guest logged; bytes that are not UTF-8 are replaced. */
  record LogLine(LogLevel level, String text) {}

  /** Levels of {@code host_log}, in the order of their numbers. */
  enum LogLevel {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR;

    /** An unknown number is not worth failing a call: below is trace, above is error. */
    static LogLevel of(int number) {
      return values()[Math.clamp(number, 0, values().length - 1)];
    }
  }
}
