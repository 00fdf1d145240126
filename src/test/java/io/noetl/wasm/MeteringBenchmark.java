package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.set;
import static io.noetl.wasm.WasmBuilder.times;
import static io.noetl.wasm.WasmBuilder.u32;

import io.noetl.json.Json;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Prints what metering costs: the same module with and without the code that pays. */
final class MeteringBenchmark {
  private static final int ROUNDS = 40;
  private static final long FUEL = 2_000_000_000;

  private MeteringBenchmark() {}

  static void run() throws Exception {
    report("arithmetic loop", MeteringBenchmark::arithmetic);
    report("loop over memory", MeteringBenchmark::memory);
    report("branches in a loop", MeteringBenchmark::branches);
    report("small calls", MeteringBenchmark::calls);
    for (String plugin :
        List.of("greet-c", "greet-assemblyscript", "greet-rust", "upper", "word-count")) {
      reportPlugin(plugin);
    }
  }

  /** A plug-in in C on 430 bytes of text, two hundred times. */
  private static void reportPlugin(String name) throws Exception {
    byte[] bytes = PluginBenchmark.bytes(name);
    PluginInspector inspector = new PluginInspector(TestModules.limits());
    ModuleOutline free = inspector.admit(bytes).outline();
    // Functions of no cost are copied as they are.
    free.rawBodies.replaceAll(
        body ->
            new ModuleOutline.RawBody(
                body.index(),
                body.start(),
                body.instructions(),
                body.end(),
                body.locals(),
                new FuelPlan(body.instructions())));
    compare(
        name,
        FuelMeter.instrument(bytes, free),
        FuelMeter.instrument(bytes, inspector.admit(bytes).outline()),
        200);
  }

  private static void report(String name, Consumer<WasmBuilder> program) throws Exception {
    WasmBuilder plain = new WasmBuilder();
    program.accept(plain);
    byte[] bytes = plain.build();
    WasmBuilder free = new WasmBuilder();
    // Looks like a metered module to the engine, and pays nothing.
    free.export(FuelMeter.EXPORT, ModuleOutline.GLOBAL, free.global(0));
    program.accept(free);
    compare(
        name,
        free.build(),
        FuelMeter.instrument(
            bytes, new PluginInspector(TestModules.limits()).admit(bytes).outline()),
        1);
  }

  /**
   * In turn, so that what else the machine does meets both; by the processor time of the thread.
   */
  private static void compare(String name, byte[] free, byte[] metered, int times)
      throws Exception {
    Program without = Program.of(free, times);
    Program with = Program.of(metered, times);
    long[] unmeteredNanos = new long[ROUNDS];
    long[] meteredNanos = new long[ROUNDS];
    for (int i = -ROUNDS; i < ROUNDS; i++) {
      long one = without.nanos();
      long other = with.nanos();
      if (i >= 0) {
        unmeteredNanos[i] = one;
        meteredNanos[i] = other;
      }
    }
    Arrays.sort(unmeteredNanos);
    Arrays.sort(meteredNanos);
    System.out.printf(
        "metering, %s: %s without, %s with, %.2f times%n",
        name,
        spread(unmeteredNanos, times),
        spread(meteredNanos, times),
        (double) meteredNanos[ROUNDS / 2] / unmeteredNanos[ROUNDS / 2]);
  }

  /** The median, and the quarters around it. */
  private static String spread(long[] nanos, int times) {
    return "%.1f us (%.1f to %.1f)"
        .formatted(
            nanos[ROUNDS / 2] / 1000.0 / times,
            nanos[ROUNDS / 4] / 1000.0 / times,
            nanos[ROUNDS * 3 / 4] / 1000.0 / times);
  }

  private record Program(Engine.Code code, byte[] input, Engine.Imports imports, int times) {
    static Program of(byte[] module, int times) {
      EndiveEngine engine = new EndiveEngine();
      String text = "the cat saw the dog and the dog saw it ".repeat(11);
      byte[] input = Json.bytes(Map.of("input", Map.of("t", text, "text", text, "name", text)));
      Engine.Imports imports =
          (function, memory, a, b, c) -> {
            if (function == AbiFunction.HOST_INPUT) {
              memory.write(a, input, Math.min(b, input.length));
              return input.length;
            }
            return 0;
          };
      return new Program(
          engine.load(module, engine.translate(module), 10_000), input, imports, times);
    }

    /** What all calls took together, each on a fresh instance. */
    long nanos() throws Exception {
      ThreadMXBean clock = ManagementFactory.getThreadMXBean();
      long started = clock.getCurrentThreadCpuTime();
      for (int k = 0; k < times; k++) {
        Engine.Guest guest = code.instantiate(EnumSet.allOf(AbiFunction.class), imports, 256);
        guest.fuel(FUEL);
        if (guest.exports("_initialize")) {
          guest.run("_initialize");
        }
        guest.call("execute", input.length);
      }
      return clock.getCurrentThreadCpuTime() - started;
    }
  }

  /** Linear congruences in a local; the JIT makes one of sixteen rounds. */
  private static void arithmetic(WasmBuilder wasm) {
    byte[] step =
        join(get(2), i32(1_664_525), bytes(0x6c), i32(1_013_904_223), bytes(0x6a), set(2));
    wasm.execute(
        times(1, 5_000_000, step, step), join(i32(8), get(2), bytes(0x36, 0x02, 0x00)), i32(0));
  }

  /** Adds up 64 KiB, word by word. */
  private static void memory(WasmBuilder wasm) {
    byte[] load =
        join(
            get(2),
            join(get(1), i32(16_383), bytes(0x71), i32(2), bytes(0x74)),
            bytes(0x28, 0x02, 0x00, 0x6a),
            set(2));
    wasm.execute(times(1, 5_000_000, load), join(i32(8), get(2), bytes(0x36, 0x02, 0x00)), i32(0));
  }

  /** A decision by the lowest bits, with arms of some instructions. */
  private static void branches(WasmBuilder wasm) {
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
    wasm.execute(times(1, 5_000_000, body), join(i32(8), get(2), bytes(0x36, 0x02, 0x00)), i32(0));
  }

  private static void calls(WasmBuilder wasm) {
    int small = wasm.function(wasm.type(1, 1), 0, get(0), i32(3), bytes(0x6c), i32(1), bytes(0x6a));
    wasm.execute(
        times(1, 5_000_000, join(get(2), call(small), bytes(0x21), u32(2))),
        join(i32(8), get(2), bytes(0x36, 0x02, 0x00)),
        i32(0));
  }
}
