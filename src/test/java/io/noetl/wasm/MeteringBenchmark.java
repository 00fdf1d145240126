package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.set;
import static io.noetl.wasm.WasmBuilder.times;
import static io.noetl.wasm.WasmBuilder.u32;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;

/** Prints what metering costs: the same module with and without the code that pays. */
final class MeteringBenchmark {
  private static final int ROUNDS = 15;

  private MeteringBenchmark() {}

  static void run() throws Exception {
    Map<String, byte[]> modules = new LinkedHashMap<>();
    modules.put("arithmetic loop", arithmetic());
    modules.put("loop over memory", memory());
    modules.put("branches in a loop", branches());
    modules.put("small calls", calls());
    for (Map.Entry<String, byte[]> module : modules.entrySet()) {
      byte[] bytes = module.getValue();
      ModuleOutline outline = outline(bytes);
      ModuleOutline free = outline(bytes);
      free.rawBodies.replaceAll(
          body ->
              new ModuleOutline.RawBody(
                  body.start(),
                  body.instructions(),
                  body.end(),
                  body.locals(),
                  new FuelPlan(body.instructions())));
      long unmetered = time(FuelMeter.instrument(bytes, free));
      long metered = time(FuelMeter.instrument(bytes, outline));
      System.out.printf(
          "metering, %s: %d us without, %d us with, %.2f times%n",
          module.getKey(), unmetered / 1000, metered / 1000, (double) metered / unmetered);
    }
  }

  private static ModuleOutline outline(byte[] bytes) {
    return new PluginInspector(TestModules.limits()).admit(bytes).outline();
  }

  /** The median of some calls of a warm instance, in nanoseconds. */
  private static long time(byte[] metered) throws Exception {
    EndiveEngine engine = new EndiveEngine();
    Engine.Code code = engine.load(metered, engine.translate(metered), 10_000);
    long[] nanos = new long[ROUNDS];
    for (int i = -ROUNDS; i < ROUNDS; i++) {
      Engine.Guest guest =
          code.instantiate(
              EnumSet.noneOf(AbiFunction.class), (function, memory, a, b, c) -> 0, 256);
      guest.fuel(Long.MAX_VALUE);
      long started = System.nanoTime();
      guest.call("execute", 1);
      if (i >= 0) {
        nanos[i] = System.nanoTime() - started;
      }
    }
    Arrays.sort(nanos);
    return nanos[ROUNDS / 2];
  }

  /** Linear congruences in a local. */
  private static byte[] arithmetic() {
    byte[] step =
        join(get(2), i32(1_664_525), bytes(0x6c), i32(1_013_904_223), bytes(0x6a), set(2));
    return new WasmBuilder()
        .execute(times(1, 5_000_000, step, step), get(2), drop(), i32(0))
        .build();
  }

  /** Adds up 64 KiB, word by word. */
  private static byte[] memory() {
    byte[] load =
        join(
            get(2),
            join(get(1), i32(16_383), bytes(0x71), i32(2), bytes(0x74)),
            bytes(0x28, 0x02, 0x00, 0x6a),
            set(2));
    return new WasmBuilder().execute(times(1, 5_000_000, load), i32(0)).build();
  }

  /** A decision by the lowest bits, with arms of some instructions. */
  private static byte[] branches() {
    byte[] arm = join(get(2), get(1), bytes(0x6a), i32(7), bytes(0x6c), set(2));
    byte[] body =
        join(
            join(get(2), get(1), bytes(0x73), i32(1), bytes(0x71)),
            bytes(0x04, 0x40),
            join(arm, arm),
            bytes(0x05),
            join(arm, arm, arm),
            bytes(0x0b),
            join(get(2), i32(3), bytes(0x71), bytes(0x04, 0x40), arm, bytes(0x0b)));
    return new WasmBuilder().execute(times(1, 5_000_000, body), i32(0)).build();
  }

  private static byte[] calls() {
    WasmBuilder wasm = new WasmBuilder();
    int small = wasm.function(wasm.type(1, 1), 0, get(0), i32(3), bytes(0x6c), i32(1), bytes(0x6a));
    return wasm.execute(times(1, 5_000_000, join(get(2), call(small), bytes(0x21), u32(2))), i32(0))
        .build();
  }
}
