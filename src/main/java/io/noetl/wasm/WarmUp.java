package io.noetl.wasm;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;

/**
 * Runs the host's own test modules once in both modes, so that every class a guest's thread can
 * touch is initialised while the stack is whole: an initialiser that overflows a guest's stack
 * would leave its class unusable for the life of the JVM. It is a self-test of the engine as well.
 */
final class WarmUp {
  /** Calls every import once, then itself until the stack ends. */
  static final String IMPORTS_AND_OVERFLOW = "";

  /** Hands the host a pointer outside its memory. */
  static final String WRONG_POINTER = "";

  /** Copies its input to its output. */
  static final String ECHO = "";

  private WarmUp() {}

  /**
   * @throws IllegalStateException when the engine does not do what it must
   */
  static void run(PluginLimits limits, Engine engine) {
    // A starting JVM on a busy machine is slow; this is no tenant's code.
    PluginLimits patient = limits.withWallClock(Duration.ofSeconds(60));
    for (EngineMode mode : EngineMode.values()) {
      expect(patient, engine, mode, IMPORTS_AND_OVERFLOW, "PLUGIN_TRAP");
      expect(patient, engine, mode, WRONG_POINTER, "PLUGIN_TRAP");
      expect(patient, engine, mode, ECHO, "ok");
    }
  }

  private static void expect(
      PluginLimits limits, Engine engine, EngineMode mode, String hex, String expected) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace("\n", ""));
    PluginInspection inspection = new PluginInspector(limits).inspect(bytes);
    if (!inspection.admitted()) {
      throw new IllegalStateException(
          "Expected the host's own module to be admitted, but: " + inspection.faultText());
    }
    PluginModule module =
        new PluginModule(
            "system/warm-up",
            1,
            inspection,
            mode,
            engine.compile(bytes, mode, limits.tableElements()));
    PluginCall call =
        new PluginCall(
            "1",
            "1",
            "warm-up",
            1,
            "system",
            Instant.EPOCH,
            "00000000000000000000000000000000",
            Map.of(),
            null,
            null);
    PutEvent nowhere =
        (context, envelope) -> {
          throw new HostCallException(HostError.UNAVAILABLE, "not in a warm-up");
        };
    PluginResult result;
    try {
      result =
          new PluginHost(limits, engine)
              .call(
                  module,
                  call,
                  PluginGrants.tenantDefault("system"),
                  HostFunctions.of(new PutEventCapability(nowhere)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Expected the start to go on, but it was interrupted", e);
    }
    String got =
        switch (result) {
          case PluginResult.Ok _ -> "ok";
          case PluginResult.GuestError error -> "error " + error.code();
          case PluginResult.Failed failed -> failed.code().name();
        };
    if (!got.equals(expected)) {
      throw new IllegalStateException(
          "Expected the host's own module to end with " + expected + ", but got " + result);
    }
  }
}
