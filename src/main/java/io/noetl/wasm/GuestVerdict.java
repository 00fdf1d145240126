package io.noetl.wasm;

import static io.noetl.wasm.PluginErrorCode.PLUGIN_FAILED;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_FUEL;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_INVALID;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_MEMORY;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_OUTPUT;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_TIMEOUT;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_TRAP;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_UNANSWERED;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.wasm.Engine.GuestTrap;
import io.noetl.wasm.GuestRun.Breach;
import io.noetl.wasm.PluginResult.Failed;
import io.noetl.wasm.PluginResult.GuestError;
import io.noetl.wasm.PluginResult.LogLevel;
import io.noetl.wasm.PluginResult.LogLine;
import io.noetl.wasm.PluginResult.Ok;
import io.noetl.wasm.PluginResult.Usage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns what the guest's thread left behind into a result, on the caller's thread. */
final class GuestVerdict {
  /** Longest text of a guest in a message, in characters. */
  static final int MESSAGE_CHARACTERS = 4096;

  private final PluginModule module;
  private final PluginCall call;
  private final PluginLimits limits;

  GuestVerdict(PluginModule module, PluginCall call, PluginLimits limits) {
    this.module = module;
    this.call = call;
    this.limits = limits;
  }

  /** Of a guest that ended by itself. */
  PluginResult of(GuestRun run, Usage usage) {
    Breach breach = run.breach();
    if (breach != null) {
      return breach(breach, run, usage);
    }
    Throwable failure = run.failure();
    if (failure != null) {
      return run.instantiated() ? trap(failure, run, usage) : notInstantiated(failure, usage);
    }
    if (run.fuelSpent()) {
      // What it paid last was paid without a look.
      return fuel(usage);
    }
    if (run.returned() != 0 && run.returned() != 1) {
      return failed(
          PLUGIN_FAILED, "Expected execute to return 0 or 1, but got " + run.returned(), usage);
    }
    return output(run, usage);
  }

  /** Of a guest that had to be stopped. */
  Failed timeout(Usage usage) {
    return failed(
        PLUGIN_TIMEOUT,
        "Expected the guest to end within "
            + limits.wallClock()
            + (limits.wallClock().equals(call.timeout())
                ? " (the timeout of its step or tool)"
                : " (plugin.wall-clock)")
            + ", but it ran on",
        usage);
  }

  Failed failed(PluginErrorCode code, String message, Usage usage) {
    return new Failed(
        code,
        message
            + " (plugin="
            + module
            + ", execution="
            + call.executionId()
            + ", step="
            + call.step()
            + ", command="
            + call.commandId()
            + ")",
        usage);
  }

  /** What the guest logged. */
  static List<LogLine> log(GuestRun run) {
    List<LogLine> lines = new ArrayList<>();
    for (int i = 0; i < run.logged(); i++) {
      lines.add(
          new LogLine(
              LogLevel.of(run.logLevel(i)), new String(run.logLine(i), StandardCharsets.UTF_8)));
    }
    return lines;
  }

  private Failed breach(Breach breach, GuestRun run, Usage usage) {
    AbiFunction function = run.breachFunction();
    String name = function == null ? "an import" : function.wireName();
    return switch (breach) {
      case POINTER ->
          failed(
              PLUGIN_TRAP,
              "Expected "
                  + name
                  + " with a range inside the memory, but got pointer "
                  + run.breachPointer()
                  + " and length "
                  + run.breachLength(),
              usage);
      case FUEL -> fuel(usage);
      case OUTPUT_SIZE ->
          failed(
              PLUGIN_OUTPUT,
              "Expected an output of at most "
                  + limits.outputBytes()
                  + " bytes (plugin.output-bytes), but got "
                  + run.breachLength(),
              usage);
      case SECOND_OVERRUN ->
          failed(
              PLUGIN_TRAP,
              "Expected " + name + " to stop after its first refusal over a limit, but it went on",
              usage);
      case NO_ANSWER ->
          failed(
              PLUGIN_UNANSWERED,
              "Expected "
                  + name
                  + " to be answered within "
                  + limits.hostCall()
                  + " (plugin.host-call), but it was not",
              usage);
    };
  }

  private Failed fuel(Usage usage) {
    return failed(
        PLUGIN_FUEL,
        "Expected the guest to need at most "
            + limits.fuel()
            + " units of fuel (plugin.fuel), but it wanted more",
        usage);
  }

  private Failed notInstantiated(Throwable failure, Usage usage) {
    if (failure instanceof OutOfMemoryError) {
      return failed(PLUGIN_MEMORY, "Expected memory for an instance, but the heap is full", usage);
    }
    return failed(
        PLUGIN_INVALID,
        "Expected an instance, but got "
            + failure.getClass().getSimpleName()
            + ": "
            + cut(String.valueOf(failure.getMessage())),
        usage);
  }

  private Failed trap(Throwable failure, GuestRun run, Usage usage) {
    if (!(failure instanceof GuestTrap trap)) {
      if (failure instanceof OutOfMemoryError) {
        return failed(PLUGIN_MEMORY, "Expected memory for the guest, but the heap is full", usage);
      }
      return failed(
          PLUGIN_TRAP,
          "Expected the guest to return, but got " + failure.getClass().getSimpleName(),
          usage);
    }
    return switch (trap.kind()) {
      case TRAP -> {
        if (run.fuelSpent()) {
          yield fuel(usage);
        }
        // A guest that cannot grow usually traps next; the limit is then what a person must know.
        boolean full =
            run.memoryPages() >= limits.memoryPages()
                && module.inspection().memoryPages() < limits.memoryPages();
        yield full
            ? failed(
                PLUGIN_MEMORY,
                "Expected a memory of at most "
                    + limits.memoryPages()
                    + " pages (plugin.memory-pages), and the guest reached it and trapped: "
                    + cut(String.valueOf(trap.getMessage())),
                usage)
            : failed(
                PLUGIN_TRAP,
                "Expected the guest to return, but it trapped: "
                    + cut(String.valueOf(trap.getMessage())),
                usage);
      }
      case STACK_EXHAUSTED ->
          failed(
              PLUGIN_TRAP,
              "Expected the guest's calls to fit its stack of "
                  + limits.stackBytes()
                  + " bytes (plugin.stack-bytes), but it is exhausted",
              usage);
      case OUT_OF_MEMORY ->
          failed(PLUGIN_MEMORY, "Expected memory for the guest, but the heap is full", usage);
      case INTERRUPTED -> timeout(usage);
    };
  }

  private PluginResult output(GuestRun run, Usage usage) {
    byte[] output = run.output();
    if (output == null) {
      return failed(PLUGIN_OUTPUT, "Expected host_output to be called, but it was not", usage);
    }
    Object value;
    try {
      value = Utf8Json.value(output);
    } catch (JsonException e) {
      return failed(PLUGIN_OUTPUT, "Expected a JSON output, but got " + e.getMessage(), usage);
    }
    return run.returned() == 0 ? new Ok(value, usage) : guestError(value, usage);
  }

  private PluginResult guestError(@Nullable Object value, Usage usage) {
    if (!(value instanceof Map<?, ?> error)
        || !(error.get("code") instanceof String code)
        || !(error.get("message") instanceof String message)) {
      return failed(
          PLUGIN_OUTPUT,
          "Expected an error document {\"code\", \"message\", \"retryable\"}, but got "
              + Json.typeName(value),
          usage);
    }
    boolean retryable = Boolean.TRUE.equals(error.get("retryable"));
    return new GuestError(cut(code), cut(message), retryable, error.get("details"), usage);
  }

  private static String cut(String text) {
    return text.length() <= MESSAGE_CHARACTERS ? text : text.substring(0, MESSAGE_CHARACTERS);
  }
}
