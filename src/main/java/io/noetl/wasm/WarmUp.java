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
  static final String IMPORTS_AND_OVERFLOW =
      """
      0061736d0100000001230660027f7f017f60027f7f0060027f7f017f60037f7f7f0060027f7f017f60017f01
      7f027205086e6f65746c2e76310a686f73745f696e7075740000086e6f65746c2e76310b686f73745f6f7574
      7075740001086e6f65746c2e76310a686f73745f7265706c790002086e6f65746c2e763108686f73745f6c6f
      670003086e6f65746c2e76310e686f73745f7075745f6576656e740004030201050503010001071402076578
      65637574650005066d656d6f727902000a30012e01037f410041800810001a41024100411010034100411010
      041a41800841800810021a410020001001200010050b
      """;

  /** Hands the host a pointer outside its memory. */
  static final String WRONG_POINTER =
      """
      0061736d01000000010b0260027f7f0060017f017f021801086e6f65746c2e76310b686f73745f6f75747075
      74000003020101050301000107140207657865637574650001066d656d6f727902000a0e010c01037f417f41
      7f100041000b
      """;

  /** Copies its input to its output. */
  static final String ECHO =
      """
      0061736d0100000001110360027f7f017f60027f7f0060017f017f022e02086e6f65746c2e76310a686f7374
      5f696e7075740000086e6f65746c2e76310b686f73745f6f7574707574000103020102050301000107140207
      657865637574650002066d656d6f727902000a17011501037f41004180800410001a41002000100141000b
      """;

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

  /** The host's own modules are trusted: they are compiled here. */
  private static Engine.Code code(
      PluginLimits limits,
      Engine engine,
      EngineMode mode,
      byte[] bytes,
      PluginInspector.Admission admission) {
    byte[] metered = FuelMeter.instrument(bytes, admission.outline());
    byte[] translated =
        switch (mode) {
          case COMPILED -> new InProcessTranslator(engine).translate("warm-up", metered);
          case INTERPRETED -> null;
        };
    return engine.load(metered, translated, limits.module().tableElements());
  }

  private static void expect(
      PluginLimits limits, Engine engine, EngineMode mode, String hex, String expected) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace("\n", ""));
    PluginInspector.Admission admission = new PluginInspector(limits).admit(bytes);
    PluginInspection inspection = admission.inspection();
    if (!inspection.admitted()) {
      throw new IllegalStateException(
          "Expected the host's own module to be admitted, but: " + inspection.faultText());
    }
    PluginModule module =
        new PluginModule(
            "system/warm-up", 1, inspection, mode, code(limits, engine, mode, bytes, admission));
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
