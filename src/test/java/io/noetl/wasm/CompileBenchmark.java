package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.set;
import static io.noetl.wasm.WasmBuilder.times;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Prints what it takes from the bytes of an upload to a module that can be called. */
final class CompileBenchmark {
  private CompileBenchmark() {}

  static void run() throws Exception {
    byte[] large = large();
    PluginLimits limits = TestModules.limits();
    PluginInspector inspector = new PluginInspector(limits);
    long[] admissions = new long[20];
    for (int i = 0; i < admissions.length; i++) {
      long started = System.nanoTime();
      FuelMeter.instrument(large, inspector.admit(large).outline());
      admissions[i] = System.nanoTime() - started;
    }
    System.out.printf(
        "admission and metering of %d bytes: %s%n",
        large.length, PluginBenchmark.percentiles(admissions));
    long[] compiles = new long[5];
    for (int i = 0; i < compiles.length; i++) {
      long started = System.nanoTime();
      load(new PluginModules(limits, PluginCompiler.isolated(CompileSettings.defaults())), large);
      compiles[i] = System.nanoTime() - started;
    }
    System.out.printf(
        "upload to callable, compiled in a process of its own, %d bytes: %s%n",
        large.length, PluginBenchmark.percentiles(compiles));
    Path folder = Files.createTempDirectory("artefacts");
    CompileSettings kept =
        new CompileSettings(
            Duration.ofSeconds(20), 256L << 20, 1, folder, "a key of enough letters", 64L << 20);
    load(new PluginModules(limits, PluginCompiler.isolated(kept)), large);
    long[] artefacts = new long[20];
    for (int i = 0; i < artefacts.length; i++) {
      long started = System.nanoTime();
      load(new PluginModules(limits, PluginCompiler.isolated(kept)), large);
      artefacts[i] = System.nanoTime() - started;
    }
    System.out.printf(
        "the same from a signed artefact: %s%n", PluginBenchmark.percentiles(artefacts));
    PluginModules modules = new PluginModules(limits, PluginCompiler.isolated(kept));
    long[] hits = new long[1000];
    for (int i = 0; i < hits.length; i++) {
      long started = System.nanoTime();
      load(modules, large);
      hits[i] = System.nanoTime() - started;
    }
    System.out.printf("the same from memory: %s%n", PluginBenchmark.percentiles(hits));
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private static void load(PluginModules modules, byte[] module) throws Exception {
    PluginLoad load =
        modules.load(
            "a/large", 1, PluginInspector.digest(module), EngineMode.COMPILED, () -> module);
    if (!(load instanceof PluginLoad.Loaded)) {
      throw new IllegalStateException("Expected a module, but got " + load);
    }
  }

  /** About 100 kB: some hundred functions with loops, branches and memory. */
  private static byte[] large() {
    WasmBuilder wasm = new WasmBuilder();
    int type = wasm.type(1, 1);
    for (int f = 0; f < 430; f++) {
      byte[] all = bytes();
      for (int k = 0; k < 8; k++) {
        all =
            join(
                all,
                join(get(0), i32(f * 31 + k), bytes(0x6a), set(1)),
                join(get(1), i32(1), bytes(0x71, 0x04, 0x40)),
                join(get(1), i32(3), bytes(0x6c), set(0), bytes(0x05)),
                join(i32(k * 8), get(1), bytes(0x36, 0x02, 0x00, 0x0b)));
      }
      wasm.function(type, 3, times(2, 10, all), get(0));
    }
    return wasm.execute(i32(0)).build();
  }
}
