package io.noetl.wasm;

import static io.noetl.wasm.FuelTest.fuel;
import static io.noetl.wasm.FuelTest.module;
import static io.noetl.wasm.FuelTest.output;
import static io.noetl.wasm.FuelTest.run;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_FUEL;
import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.u32;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginResult.Failed;
import java.util.Arrays;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where fuel is paid and where it is looked at whether any is left. */
@ExtendWith(GuestThreads.class)
final class FuelLookTest {
  private final PluginLimits limits = TestModules.limits();

  @ParameterizedTest
  @EnumSource
  void everyWayBackToALoopPaysForTheNextRound(EngineMode mode) throws Exception {
    // Rounds are counted in local 1; the second way back is a continue in the middle.
    byte[] twoWaysBack =
        join(
            join(i32(10), bytes(0x21), u32(1), bytes(0x03, 0x40)),
            join(get(1), i32(1), bytes(0x6b, 0x22), u32(1), i32(5), bytes(0x4b)),
            join(bytes(0x0d, 0x00), get(1), bytes(0x0d, 0x00), bytes(0x0b)));
    byte[] byTable =
        join(
            join(i32(10), bytes(0x21), u32(1), bytes(0x02, 0x40, 0x03, 0x40)),
            join(get(1), i32(1), bytes(0x6b, 0x22), u32(1), bytes(0x45)),
            bytes(0x0e, 0x01, 0x00, 0x01, 0x0b, 0x0b));

    // i32.const, local.set; then four to tee, and two for each of the conditions and branches.
    long each = FuelPlan.UNITS_PER_CALL + 2 + output();
    assertThat(fuel(module(twoWaysBack), mode)).isEqualTo(each + 10 * (4 + 3 + 2));
    assertThat(fuel(module(byTable), mode)).isEqualTo(each + 10 * (4 + 1 + 1));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsPaidLastEndsTheCallThoughNobodyLooked(EngineMode mode) throws Exception {
    // The arm pays for itself, and less than what makes it look.
    byte[] arm = new byte[20];
    Arrays.fill(arm, (byte) 0x01);
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    byte[] module =
        wasm.data(8, "1")
            .execute(
                join(i32(8), i32(1), call(output)),
                join(i32(1), bytes(0x04, 0x40)),
                arm,
                bytes(0x0b),
                i32(0))
            .build();
    long needed = fuel(module, mode);

    Failed failed = (Failed) run(module, mode, limits.withFuel(needed - 1));

    assertThat(failed.code()).isEqualTo(PLUGIN_FUEL);
    assertThat(failed.usage().fuel()).isEqualTo(needed - 1);
  }

  @Test
  void aRecursionPaysLittleUnseenOnItsWayBack() {
    // Enough for the way down only; what is below zero at the end was paid unseen.
    assertThat(overrun(150, 200)).isBetween(1L, 150L * FuelPlan.UNSEEN_UNITS);
    assertThat(overrun(150, 400)).isBetween(1L, 2L * FuelPlan.UNSEEN_UNITS);
  }

  /** Of a function that calls itself first and then executes an arm of that many instructions. */
  private static long overrun(int depth, int instructions) {
    byte[] arm = new byte[instructions];
    Arrays.fill(arm, (byte) 0x01);
    WasmBuilder wasm = new WasmBuilder();
    int self = 0;
    int deep =
        wasm.function(
            wasm.type(1, 0),
            0,
            join(get(0), bytes(0x04, 0x40), get(0), i32(1), bytes(0x6b), call(self), bytes(0x0b)),
            join(i32(1), bytes(0x04, 0x40), arm, bytes(0x0b)));
    byte[] module = wasm.execute(get(0), call(deep), i32(0)).build();
    EndiveEngine engine = new EndiveEngine();
    PluginInspector inspector = new PluginInspector(TestModules.limits());
    Engine.Code code =
        engine.load(FuelMeter.instrument(module, inspector.admit(module).outline()), null, 10_000);
    Engine.Guest guest =
        code.instantiate(EnumSet.noneOf(AbiFunction.class), (f, memory, x, y, z) -> 0, 16);
    // Each call on the way down is less than twelve.
    guest.fuel(depth * 12L);
    try {
      guest.call("execute", depth);
    } catch (Engine.GuestTrap e) {
      assertThat(e.kind()).isEqualTo(Engine.GuestTrap.Kind.TRAP);
    }
    return -guest.fuel();
  }
}
