package io.noetl.wasm;

import static io.noetl.wasm.PluginErrorCode.PLUGIN_FUEL;
import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.forever;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.times;
import static io.noetl.wasm.WasmBuilder.u32;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginResult.Failed;
import io.noetl.wasm.PluginResult.Ok;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fuel: what a guest pays, that it is the same everywhere, and what happens when it is spent. */
@ExtendWith(GuestThreads.class)
final class FuelTest {
  private final PluginLimits limits = TestModules.limits();

  @ParameterizedTest
  @EnumSource
  void everyInstructionOfAStraightLineCostsOneAndTheCallOneMore(EngineMode mode) throws Exception {
    // Two constants, a drop; execute itself and its own constant.
    byte[] module = module(i32(1), drop(), i32(2), drop());

    assertThat(fuel(module, mode)).isEqualTo(FuelPlan.UNITS_PER_CALL + 4 + output());
  }

  @ParameterizedTest
  @EnumSource
  void aLoopPaysForEachRound(EngineMode mode) throws Exception {
    long ten = fuel(module(times(1, 10)), mode);
    long eleven = fuel(module(times(1, 11)), mode);

    // get, const, sub, tee, br_if
    assertThat(eleven - ten).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource
  void aCallPaysForTheFunctionCalled(EngineMode mode) throws Exception {
    assertThat(fuel(calling(3), mode) - fuel(calling(2), mode))
        .isEqualTo(1 + FuelPlan.UNITS_PER_CALL + 2);
  }

  private static byte[] calling(int calls) {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    int small = wasm.function(wasm.type(0, 0), 0, i32(1), drop());
    byte[][] all = new byte[calls][];
    Arrays.fill(all, call(small));
    return wasm.data(8, "1").execute(join(all), i32(8), i32(1), call(output), i32(0)).build();
  }

  @ParameterizedTest
  @EnumSource
  void bulkOperationsPayByTheirLength(EngineMode mode) throws Exception {
    byte[] fill = bytes(0xfc, 0x0b, 0x00);
    byte[] copy = bytes(0xfc, 0x0a, 0x00, 0x00);
    byte[] init = join(bytes(0xfc, 0x08), u32(0), bytes(0x00));

    for (byte[] operation : List.of(fill, copy)) {
      long none = fuel(bulk(operation, 0), mode);
      assertThat(fuel(bulk(operation, 63), mode)).isEqualTo(none);
      assertThat(fuel(bulk(operation, 64), mode)).isEqualTo(none + 1);
      assertThat(fuel(bulk(operation, 65_536), mode)).isEqualTo(none + 1024);
    }
    assertThat(fuel(passive(init, 640), mode)).isEqualTo(fuel(passive(init, 0), mode) + 10);
  }

  @ParameterizedTest
  @EnumSource
  void growingMemoryPaysByPageWhenItSucceeds(EngineMode mode) throws Exception {
    long none = fuel(module(i32(0), bytes(0x40, 0x00), drop()), mode);

    assertThat(fuel(module(i32(3), bytes(0x40, 0x00), drop()), mode)).isEqualTo(none + 3 * 1024);
    assertThat(fuel(module(i32(-1), bytes(0x40, 0x00), drop()), mode)).isEqualTo(none);
    assertThat(fuel(module(i32(257), bytes(0x40, 0x00), drop()), mode)).isEqualTo(none);
  }

  @ParameterizedTest
  @EnumSource
  void tableOperationsPayByTheirLength(EngineMode mode) throws Exception {
    byte[] nothing = bytes(0xd0, 0x70);
    byte[] grown = join(nothing, i32(800), bytes(0xfc, 0x0f, 0x00), drop());
    byte[] fill = join(i32(0), nothing, i32(800), bytes(0xfc, 0x11, 0x00));

    long once = fuel(tabled(grown, fill), mode);
    long twice = fuel(tabled(grown, fill, fill), mode);

    // const, ref.null, const, fill, and 800 / 8.
    assertThat(twice - once).isEqualTo(4 + 100);
  }

  @ParameterizedTest
  @EnumSource
  void capabilityCallsAndCopiesPay(EngineMode mode) throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int put = wasm.abi("host_put_event");
    int output = wasm.abi("host_output");
    byte[] module =
        wasm.data(0, "{}")
            .execute(
                join(i32(0), i32(2), call(put), drop()), join(i32(0), i32(2), call(output)), i32(0))
            .build();

    assertThat(fuel(module, mode))
        .isEqualTo(FuelPlan.UNITS_PER_CALL + 4 + limits.hostCallFuel() + output());
  }

  @ParameterizedTest
  @EnumSource
  void exactlyEnoughFuelPassesAndOneUnitLessDoesNot(EngineMode mode) throws Exception {
    byte[] module = module(times(1, 1000));
    long needed = fuel(module, mode);

    for (int run = 0; run < 20; run++) {
      assertThat(run(module, mode, limits.withFuel(needed))).isInstanceOf(Ok.class);
    }
    Failed failed = (Failed) run(module, mode, limits.withFuel(needed - 1));
    assertThat(failed.code()).isEqualTo(PLUGIN_FUEL);
    assertThat(failed.message()).contains(needed - 1 + " units of fuel (plugin.fuel)");
    assertThat(failed.usage().fuel()).isEqualTo(needed - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"upper", "word-count"})
  void theSameRunBurnsTheSameFuelInBothModesEachTime(String plugin) throws Exception {
    String text = "the cat saw the dog and the dog saw it ".repeat(20);
    Set<Long> seen = new HashSet<>();
    for (EngineMode mode : EngineMode.values()) {
      PluginModule module = BundledPluginTest.load(plugin, mode);
      for (int i = 0; i < 40; i++) {
        PluginResult result =
            new PluginHost(limits, new EndiveEngine())
                .call(
                    module,
                    TestModules.call(Map.of("t", text, "text", text)),
                    PluginGrants.tenantDefault("acme"),
                    TestModules.host());
        assertThat(result).isInstanceOf(Ok.class);
        seen.add(result.usage().fuel());
      }
    }
    assertThat(seen).hasSize(1).allSatisfy(fuel -> assertThat(fuel).isGreaterThan(1000));
  }

  @Test
  void randomProgramsBurnTheSameFuelInBothModesAndNeverLessThanTheyExecute() throws Exception {
    long seed = 20260102L;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 200; i++) {
      // Each executed statement adds one to global 0; the program answers how many there were.
      byte[] module = RandomPrograms.counting(random);
      PluginResult compiled = run(module, EngineMode.COMPILED, limits);
      PluginResult interpreted = run(module, EngineMode.INTERPRETED, limits);

      assertThat(compiled).as("seed %d program %d", seed, i).isInstanceOf(Ok.class);
      assertThat(interpreted.usage().fuel()).isEqualTo(compiled.usage().fuel());
      assertThat(((Ok) interpreted).output()).isEqualTo(((Ok) compiled).output());
      long statements = (Long) java.util.Objects.requireNonNull(((Ok) compiled).output());
      assertThat(compiled.usage().fuel())
          .as("seed %d program %d", seed, i)
          .isGreaterThanOrEqualTo(statements * 4);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyEndlessLoopEndsAtTheFuel(EngineMode mode) throws Exception {
    PluginLimits little = limits.withFuel(200_000);
    byte[] viaBranchIf = join(bytes(0x03, 0x40), i32(1), bytes(0x0d, 0x00, 0x0b));
    byte[] viaTable = join(bytes(0x03, 0x40), i32(1), bytes(0x0e, 0x01, 0x00, 0x00, 0x0b));
    byte[] viaArm = join(bytes(0x03, 0x40), i32(1), bytes(0x04, 0x40, 0x0c, 0x01, 0x0b, 0x0b));

    for (byte[] loop : List.of(forever(), viaBranchIf, viaTable, viaArm)) {
      PluginResult result = run(new WasmBuilder().execute(loop, i32(0)).build(), mode, little);

      assertThat(result).isInstanceOf(Failed.class);
      assertThat(((Failed) result).code()).as(result.toString()).isEqualTo(PLUGIN_FUEL);
    }
  }

  @ParameterizedTest
  @EnumSource
  void endlessRecursionThroughTheTableEndsAtFuelOrStack(EngineMode mode) throws Exception {
    WasmBuilder wasm = new WasmBuilder().table(1, 1);
    int type = wasm.type(1, 1);
    int again = wasm.function(type, 0, get(0), i32(0), bytes(0x11), u32(type), bytes(0x00));
    byte[] module = wasm.element(0, again).execute(get(0), call(again)).build();

    Failed failed = (Failed) run(module, mode, limits.withFuel(2_000));
    Failed deep = (Failed) run(module, mode, limits);

    assertThat(failed.code()).isEqualTo(PLUGIN_FUEL);
    assertThat(deep.code()).isEqualTo(PluginErrorCode.PLUGIN_TRAP);
    assertThat(deep.message()).contains("plugin.stack-bytes");
  }

  @ParameterizedTest
  @EnumSource
  void aLoopOfLargeFillsEndsAtTheFuelInTime(EngineMode mode) throws Exception {
    byte[] module =
        new WasmBuilder()
            .memory(256, 256)
            .execute(forever(i32(0), i32(7), i32(256 * 65_536), bytes(0xfc, 0x0b, 0x00)))
            .build();

    long started = System.nanoTime();
    Failed failed = (Failed) run(module, mode, limits);

    assertThat(failed.code()).isEqualTo(PLUGIN_FUEL);
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void theInitialiserSpendsFromTheSameBudget() throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int init = wasm.function(wasm.type(0, 0), 0, forever());
    byte[] module = wasm.exportFunction("_initialize", init).execute(i32(0)).build();

    Failed failed = (Failed) run(module, EngineMode.COMPILED, limits.withFuel(100_000));

    assertThat(failed.code()).isEqualTo(PLUGIN_FUEL);
    assertThat(failed.usage().fuel()).isEqualTo(100_000);
  }

  @Test
  void anEndlessLogLoopEndsAtTheFuelAndAHostCallLoopAtItsBudget() throws Exception {
    WasmBuilder logging = new WasmBuilder();
    int log = logging.abi("host_log");
    byte[] logs = logging.execute(forever(i32(1), i32(0), i32(8), call(log))).build();
    WasmBuilder asking = new WasmBuilder();
    int put = asking.abi("host_put_event");
    byte[] asks = asking.execute(forever(i32(0), i32(0), call(put), drop())).build();

    Failed logged = (Failed) run(logs, EngineMode.COMPILED, limits);
    Failed asked = (Failed) run(asks, EngineMode.COMPILED, limits);
    Failed poor = (Failed) run(asks, EngineMode.COMPILED, limits.withFuel(50_000));

    assertThat(logged.code()).isEqualTo(PLUGIN_FUEL);
    assertThat(asked.code()).isEqualTo(PluginErrorCode.PLUGIN_TRAP);
    assertThat(asked.usage().hostCalls()).isEqualTo(PutEventCapability.EVENTS_PER_CALL + 2);
    assertThat(poor.code()).isEqualTo(PLUGIN_FUEL);
    assertThat(poor.usage().hostCalls()).isEqualTo(4);
  }

  @Test
  void aLongArmPaysForItselfAndAShortOneIsPaidAhead() throws Exception {
    byte[] longArm = new byte[0];
    for (int i = 0; i < 100; i++) {
      longArm = join(longArm, bytes(0x01));
    }
    byte[] shortArm = bytes(0x01, 0x01);

    assertThat(fuel(armed(0, longArm), EngineMode.COMPILED) + 100)
        .isEqualTo(fuel(armed(1, longArm), EngineMode.COMPILED));
    assertThat(fuel(armed(0, shortArm), EngineMode.COMPILED))
        .isEqualTo(fuel(armed(1, shortArm), EngineMode.COMPILED));
  }

  @Test
  void meteringIsTheSameBytesEachTimeAndMovesNoIndex() throws Exception {
    byte[] original = BundledPluginTest.bytes("word-count");
    PluginInspector inspector = new PluginInspector(limits);

    byte[] once = FuelMeter.instrument(original, inspector.admit(original).outline());
    byte[] again = FuelMeter.instrument(original, inspector.admit(original).outline());

    assertThat(once).isEqualTo(again);
    assertThat(once.length).isBetween(original.length, original.length * 2);
    PluginInspection metered = inspector.inspect(once);
    // Its export is the only thing about it that our own admission refuses.
    assertThat(metered.faults())
        .extracting(PluginInspection.Fault::message)
        .containsExactly(
            "noetl_fuel is the host's own name", "noetl_fuel exports a mutable global");
    assertThat(metered.imports()).isEqualTo(inspector.inspect(original).imports());
  }

  private static byte[] armed(int condition, byte[] arm) {
    return module(i32(condition), bytes(0x04, 0x40), arm, bytes(0x0b));
  }

  /** Runs the instructions and outputs a number. */
  static byte[] module(byte[]... instructions) {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    return wasm.data(8, "1")
        .execute(join(instructions), i32(8), i32(1), call(output), i32(0))
        .build();
  }

  /** What the output of {@link #module} costs: three constants, a call, the copy. */
  static long output() {
    return 4 + GuestRun.UNITS_PER_COPY;
  }

  private static byte[] bulk(byte[] operation, int length) {
    WasmBuilder wasm = new WasmBuilder().memory(2, 2);
    int output = wasm.abi("host_output");
    return wasm.execute(
            join(i32(0), i32(0), i32(length), operation),
            join(i32(8), i32('1'), bytes(0x3a, 0x00, 0x00)),
            join(i32(8), i32(1), call(output), i32(0)))
        .build();
  }

  private static byte[] passive(byte[] init, int length) {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    return wasm.rawData(join(bytes(0x01), u32(1000), new byte[1000]))
        .dataCount()
        .execute(
            join(i32(100), i32(0), i32(length), init),
            join(i32(8), i32('1'), bytes(0x3a, 0x00, 0x00)),
            join(i32(8), i32(1), call(output), i32(0)))
        .build();
  }

  private static byte[] tabled(byte[]... instructions) {
    WasmBuilder wasm = new WasmBuilder().table(1, 10_000);
    int output = wasm.abi("host_output");
    List<byte[]> all = new ArrayList<>(List.of(instructions));
    all.add(join(i32(8), i32(1), call(output), i32(0)));
    return wasm.data(8, "1").execute(all.toArray(byte[][]::new)).build();
  }

  static long fuel(byte[] module, EngineMode mode) throws InterruptedException {
    PluginResult result = run(module, mode, TestModules.limits());
    assertThat(result).isInstanceOf(Ok.class);
    return result.usage().fuel();
  }

  static PluginResult run(byte[] module, EngineMode mode, PluginLimits limits)
      throws InterruptedException {
    return new PluginHost(limits, new EndiveEngine())
        .call(
            TestModules.module(module, mode),
            TestModules.call(Map.of()),
            PluginGrants.tenantDefault("acme"),
            TestModules.host());
  }
}
