package io.noetl.wasm;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.wasm.PluginResult.Failed;
import io.noetl.wasm.PluginResult.GuestError;
import io.noetl.wasm.PluginResult.Ok;
import io.noetl.wasm.PluginScript.Asked;
import io.noetl.wasm.PluginScript.Expectation;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs a plug-in against the answers of a script: through the same admission, metering, limits and
 * linker as in production, with no server and no real capability. Safe for many threads.
 */
public final class PluginRehearsal {
  private final PluginHost host;
  private final PluginModules modules;

  /** A rehearsal under these limits; warms the host for some tenths of a second. */
  public PluginRehearsal(PluginLimits limits) {
    this.host = new PluginHost(limits);
    this.modules = new PluginModules(limits, PluginCompiler.inProcess());
  }

  /**
   * What came of it.
   *
   * @param problems what differs from the script; empty when it passed
   */
  public record Outcome(PluginResult result, List<String> problems) {
    public Outcome {
      problems = List.copyOf(problems);
    }

    /** Whether everything was as the script says. */
    public boolean passed() {
      return problems.isEmpty();
    }
  }

  /**
   * Runs the script.
   *
   * @throws InterruptedException when the calling thread is interrupted
   */
  public Outcome run(byte[] wasm, PluginScript script, EngineMode mode)
      throws InterruptedException {
    String digest = PluginInspector.digest(wasm);
    PluginLoad load = modules.load(script.path(), script.version(), digest, mode, () -> wasm);
    return switch (load) {
      case PluginLoad.Refused refused ->
          outcome(
              script,
              new Failed(refused.code(), refused.message(), PluginResult.Usage.NONE),
              new ArrayList<>());
      case PluginLoad.Loaded(PluginModule module) -> {
        List<String> problems = new ArrayList<>();
        String recorded = script.digest();
        if (recorded != null && !recorded.equals(digest)) {
          problems.add("the recording is of module " + recorded + ", but this is " + digest);
        }
        yield run(module, script, problems);
      }
    };
  }

  private Outcome run(PluginModule module, PluginScript script, List<String> problems)
      throws InterruptedException {
    Prompter prompter = new Prompter(script.calls());
    PluginResult result =
        host.call(
            module,
            script.call(),
            PluginGrants.of(script.call().tenant(), script.grants().toArray(String[]::new)),
            prompter.functions(script.grants()));
    String divergence = prompter.divergence();
    if (divergence != null) {
      result = new Failed(PluginErrorCode.PLUGIN_REPLAY_DIVERGED, divergence, result.usage());
    }
    return outcome(script, result, problems);
  }

  private static Outcome outcome(PluginScript script, PluginResult result, List<String> problems) {
    Expectation expect = script.expect();
    switch (result) {
      case Failed failed -> {
        if (!failed.code().name().equals(expect.error())) {
          problems.add(failed.code() + ": " + failed.message());
        }
      }
      case Ok ok -> compare(expect, 0, ok.output(), problems);
      case GuestError error -> compare(expect, 1, document(error), problems);
    }
    long fuel = result.usage().fuel();
    Long most = expect.maxFuel();
    if (most != null && fuel > most) {
      problems.add("expected at most " + most + " units of fuel, but it cost " + fuel);
    }
    Long exact = expect.fuel();
    if (exact != null && fuel != exact) {
      problems.add("expected exactly " + exact + " units of fuel, but it cost " + fuel);
    }
    return new Outcome(result, problems);
  }

  private static void compare(
      Expectation expect, int code, @Nullable Object output, List<String> problems) {
    if (expect.error() != null) {
      problems.add("expected " + expect.error() + ", but execute returned " + code);
      return;
    }
    if (expect.code() != code) {
      problems.add("expected execute to return " + expect.code() + ", but it returned " + code);
    }
    if (!same(expect.output(), output)) {
      problems.add(
          "expected the output " + Json.text(expect.output()) + ", but got " + Json.text(output));
    }
  }

  /** The error document as the guest wrote it. */
  static Map<String, @Nullable Object> document(GuestError error) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("code", error.code());
    document.put("message", error.message());
    document.put("retryable", error.retryable());
    if (error.details() != null) {
      document.put("details", error.details());
    }
    return document;
  }

  /** Numbers may differ in how they are written, not in what they are. */
  private static boolean same(@Nullable Object expected, @Nullable Object got) {
    return Objects.equals(expected, got)
        || Objects.equals(Json.parse(Json.bytes(expected)), Json.parse(Json.bytes(got)));
  }

  /** Answers as the script says, and notices when the guest asks something else. One call. */
  private static final class Prompter {
    private final List<Asked> calls;
    private int next;
    private @Nullable String divergence;

    Prompter(List<Asked> calls) {
      this.calls = calls;
    }

    HostFunctions functions(List<String> grants) {
      List<HostCapability> all = new ArrayList<>();
      for (String name : grants) {
        all.add(new Line(name, this));
      }
      return HostFunctions.of(all.toArray(HostCapability[]::new));
    }

    @Nullable String divergence() {
      return divergence != null || next == calls.size()
          ? divergence
          : "the guest made " + next + " of the " + calls.size() + " calls of the script";
    }

    HostReply answer(String name, byte[] bytes) {
      Object request = requestOf(bytes);
      if (next == calls.size()) {
        return diverged("no further call", name, request);
      }
      Asked asked = calls.get(next++);
      if (!asked.name().equals(name) || !same(asked.request(), request)) {
        return diverged(asked.name() + " " + Json.text(asked.request()), name, request);
      }
      if (asked.code() >= 0) {
        return new HostReply.Done(Json.bytes(asked.reply()));
      }
      return refusal(asked);
    }

    private HostReply diverged(String expected, String name, @Nullable Object request) {
      if (divergence == null) {
        divergence =
            "call "
                + (next + 1)
                + " of the host: expected "
                + expected
                + ", but the guest asked "
                + name
                + " "
                + Json.text(request);
      }
      return HostReply.refused(HostError.INTERNAL, "the replay diverged");
    }

    private static HostReply refusal(Asked asked) {
      for (HostError error : HostError.values()) {
        if (error.code() == asked.code()) {
          String message =
              asked.reply() instanceof Map<?, ?> detail
                  ? String.valueOf(detail.get("message"))
                  : "";
          return HostReply.refused(error, message);
        }
      }
      return HostReply.refused(HostError.INTERNAL, "the host failed");
    }
  }

  /** The request as a JSON value; bytes that are no JSON as their hexadecimal digits. */
  static @Nullable Object requestOf(byte[] bytes) {
    try {
      return Utf8Json.value(bytes);
    } catch (JsonException e) {
      return Map.of("not_json", HexFormat.of().formatHex(bytes));
    }
  }

  private record Line(String name, Prompter prompter) implements HostCapability {
    @Override
    public HostReply call(HostCallContext context, byte[] request) {
      return prompter.answer(name, request);
    }
  }
}
