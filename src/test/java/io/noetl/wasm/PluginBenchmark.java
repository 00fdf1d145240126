package io.noetl.wasm;

import io.noetl.wasm.PluginResult.Ok;
import java.util.Arrays;
import java.util.Map;

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
    for (String plugin : new String[] {"upper", "word-count"}) {
      byte[] bytes = BundledPluginTest.bytes(plugin);
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
  }

  private static void measure(PluginHost host, String plugin, PluginModule module) {
    String text = "the cat saw the dog and the dog saw it ".repeat(11);
    PluginCall call = TestModules.call(Map.of("t", text, "text", text));
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

  /** Nothing but a thread, an instance and an output. */
  private static void probe(PluginHost host) {
    measure(host, "echo", TestModules.module(TestModules.echo(), EngineMode.COMPILED));
  }

  private static void run(PluginHost host, PluginModule module, PluginCall call) {
    try {
      PluginResult result =
          host.call(module, call, PluginGrants.tenantDefault("acme"), TestModules.host());
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

  private static String percentiles(long[] nanos) {
    Arrays.sort(nanos);
    return "p50 %d us, p99 %d us, max %d us"
        .formatted(
            nanos[nanos.length / 2] / 1000,
            nanos[nanos.length * 99 / 100] / 1000,
            nanos[nanos.length - 1] / 1000);
  }
}
