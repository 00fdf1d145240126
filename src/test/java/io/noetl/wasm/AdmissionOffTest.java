package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.u32;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginResult.Failed;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What admission refuses, let through: the second line holds, too. The modules carry the fuel that
 * the meter would have given them, since it meters only what was admitted.
 */
@ExtendWith(GuestThreads.class)
final class AdmissionOffTest {
  private final PluginLimits limits = TestModules.limits().withFuel(20_000);
  private final PluginHost host = new PluginHost(limits, new EndiveEngine());
  private final Duration clock = Duration.ofMillis(400);
  private final PluginHost hurried =
      new PluginHost(limits.withWallClock(clock), new EndiveEngine());

  /** Takes one unit from global 0, and ends the guest when there is none. */
  private static byte[] pay() {
    return join(
        bytes(0x23, 0x00, 0x42, 0x01, 0x7d, 0x24, 0x00),
        bytes(0x23, 0x00, 0x42, 0x00, 0x53, 0x04, 0x40, 0x00, 0x0b));
  }

  @ParameterizedTest
  @EnumSource
  void endlessTailCallsEndAtTheFuelThatEachFunctionPays(EngineMode mode) throws Exception {
    WasmBuilder wasm = new WasmBuilder().ownFuel();
    int self = wasm.function(wasm.type(1, 1), 0, pay(), get(0), bytes(0x12), u32(0));
    byte[] module = wasm.execute(get(0), WasmBuilder.call(self)).build();

    assertThat(refusal(module)).contains("tail calls");
    assertThat(run(host, module, mode).code()).isEqualTo(PluginErrorCode.PLUGIN_FUEL);
  }

  @ParameterizedTest
  @EnumSource
  void catchingEverythingDoesNotCatchTheInterrupt(EngineMode mode) throws Exception {
    byte[] endless = bytes(0x03, 0x40, 0x0c, 0x00, 0x0b);
    byte[] caught = join(bytes(0x1f, 0x40, 0x01, 0x02, 0x00), endless, bytes(0x0b));
    byte[] module =
        new WasmBuilder()
            .ownFuel()
            .execute(bytes(0x03, 0x40, 0x02, 0x40), caught, bytes(0x0b, 0x0c, 0x00, 0x0b), i32(0))
            .build();
    long started = System.nanoTime();

    Failed failed = run(hurried, module, mode);

    assertThat(refusal(module)).contains("exceptions");
    assertThat(failed.code()).isEqualTo(PluginErrorCode.PLUGIN_TIMEOUT);
    assertThat(Duration.ofNanos(System.nanoTime() - started))
        .isLessThan(clock.plus(limits.interruptGrace()).plusSeconds(5));
    assertThat(hurried.stuckThreads()).isZero();
    assertThat(hurried.running()).isZero();
  }

  private String refusal(byte[] module) {
    return new PluginInspector(limits).inspect(module).faultText();
  }

  private Failed run(PluginHost on, byte[] module, EngineMode mode) throws InterruptedException {
    Engine engine = new EndiveEngine();
    byte[] translated = mode == EngineMode.COMPILED ? engine.translate(module) : null;
    PluginInspection unasking =
        new PluginInspector(limits).inspect(new WasmBuilder().execute(i32(0)).build());
    PluginModule loaded =
        new PluginModule("acme/x", 1, unasking, mode, engine.load(module, translated, 10));
    return (Failed)
        on.call(
            loaded,
            TestModules.call(Map.of()),
            PluginGrants.tenantDefault("acme"),
            TestModules.host());
  }
}
