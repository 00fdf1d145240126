package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.times;

import io.noetl.wasm.PluginResult.Ok;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Prints what a call costs on this machine: {@code java -cp … io.noetl.wasm.PluginBenchmark}. Not a
 * test: a busy machine must not fail a build.
 */
final class PluginBenchmark {
  private static final int WARM = 30_000;
  private static final int MEASURED = 10_000;

  private PluginBenchmark() {}

  public static void main(String[] args) throws Exception {
    System.out.printf(
        "machine: %d processors, %s, Java %s%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.arch"),
        Runtime.version());
    long started = System.nanoTime();
    PluginHost host = new PluginHost(TestModules.limits());
    System.out.printf("start of the host, warm-up included: %d ms%n", millisSince(started));
    List<String> plugins =
        List.of("greet-c", "greet-assemblyscript", "greet-rust", "upper", "word-count");
    for (String plugin : plugins) {
      byte[] bytes = bytes(plugin);
      long cold = System.nanoTime();
      PluginModule module = TestModules.module("a/" + plugin, bytes, EngineMode.COMPILED);
      System.out.printf("%s (%d bytes): first load %d ms", plugin, bytes.length, millisSince(cold));
      long[] loads = new long[50];
      for (int i = 0; i < loads.length; i++) {
        long start = System.nanoTime();
        TestModules.module("a/" + plugin, bytes, EngineMode.COMPILED);
        loads[i] = System.nanoTime() - start;
      }
      System.out.printf(", later loads %s%n", percentiles(loads));
      Thread caller = Thread.ofVirtual().start(() -> measure(host, plugin, module));
      caller.join();
    }
    Thread.ofVirtual().start(() -> probe(host)).join();
    Thread.ofVirtual().start(() -> handOver(host)).join();
    throughput(host);
    MeteringBenchmark.run();
    CompileBenchmark.run();
  }

  private static void measure(PluginHost host, String plugin, PluginModule module) {
    String text = "the cat saw the dog and the dog saw it ".repeat(11);
    PluginCall call = TestModules.call(Map.of("t", text, "text", text, "name", text));
    long[] nanos = new long[MEASURED];
    for (int i = -WARM; i < MEASURED; i++) {
      long start = System.nanoTime();
      run(host, module, call);
      if (i >= 0) {
        nanos[i] = System.nanoTime() - start;
      }
    }
    System.out.printf(
        "%s, %d bytes of text, fresh instance and call: %s%n",
        plugin, text.length(), percentiles(nanos));
  }

  /** Of a bundled plug-in, or of what a template makes. */
  static byte[] bytes(String plugin) throws IOException {
    return plugin.startsWith("greet-")
        ? Files.readAllBytes(Path.of("wasm-plugins", "greet", plugin + ".wasm"))
        : BundledPluginTest.bytes(plugin);
  }

  /** Nothing but a thread, an instance and an output. */
  private static void probe(PluginHost host) {
    measure(host, "echo", TestModules.module(TestModules.echo(), EngineMode.COMPILED));
  }

  /** The mean of a capability call that does nothing, 500 in one call of a plug-in. */
  private static void handOver(PluginHost host) {
    WasmBuilder wasm = new WasmBuilder();
    int put = wasm.abi("host_put_event");
    int output = wasm.abi("host_output");
    byte[] module =
        wasm.data(0, "{}")
            .execute(
                times(1, 500, i32(0), i32(2), call(put), drop()),
                join(i32(0), i32(2), call(output), i32(0)))
            .build();
    PluginModule calling = TestModules.module(module, EngineMode.COMPILED);
    HostReply nothing = HostReply.done(Map.of());
    HostFunctions idle =
        HostFunctions.of(
            new HostCapability() {
              @Override
              public String name() {
                return "host_put_event";
              }

              @Override
              public HostReply call(HostCallContext context, byte[] request) {
                return nothing;
              }
            });
    long[] nanos = new long[200];
    for (int i = -200; i < nanos.length; i++) {
      long start = System.nanoTime();
      run(host, calling, TestModules.call(Map.of()), idle);
      if (i >= 0) {
        nanos[i] = (System.nanoTime() - start) / 500;
      }
    }
    System.out.printf("hand-over of one capability call, mean of 500: %s%n", percentiles(nanos));
  }

  private static void run(PluginHost host, PluginModule module, PluginCall call) {
    run(host, module, call, TestModules.host());
  }

  /** Fresh instances on eight callers at once, for three seconds. */
  private static void throughput(PluginHost host) throws Exception {
    PluginModule module =
        TestModules.module("a/upper", BundledPluginTest.bytes("upper"), EngineMode.COMPILED);
    PluginCall call = TestModules.call(Map.of("t", "the cat saw the dog ".repeat(20)));
    LongAdder calls = new LongAdder();
    long started = System.nanoTime();
    long until = started + 3_000_000_000L;
    Thread[] callers = new Thread[8];
    for (int i = 0; i < callers.length; i++) {
      callers[i] =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (System.nanoTime() < until) {
                      run(host, module, call);
                      calls.increment();
                    }
                  });
    }
    for (Thread caller : callers) {
      caller.join();
    }
    System.out.printf(
        "eight callers of one plug-in: %.0f calls/s%n",
        calls.sum() * 1e9 / (System.nanoTime() - started));
  }

  private static void run(
      PluginHost host, PluginModule module, PluginCall call, HostFunctions functions) {
    try {
      PluginResult result = host.call(module, call, PluginGrants.tenantDefault("acme"), functions);
      if (!(result instanceof Ok)) {
        throw new IllegalStateException("Expected a result, but got " + result);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long millisSince(long started) {
    return (System.nanoTime() - started) / 1_000_000;
  }

  static String percentiles(long[] nanos) {
    Arrays.sort(nanos);
    return "p50 %d us, p99 %d us, max %d us"
        .formatted(
            nanos[nanos.length / 2] / 1000,
            nanos[nanos.length * 99 / 100] / 1000,
            nanos[nanos.length - 1] / 1000);
  }
}
