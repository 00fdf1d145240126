package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.times;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the admission of a plug-in, a call of it and one of its host calls cost, on virtual threads
 * as a worker's. {@code ./noetl jmh PluginCallBench} runs it; {@link PluginBenchmark} has the
 * percentiles, and what compiling costs.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 3) // the code of a plug-in and of the host is hot late
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:-DontCompileHugeMethods", "-Djmh.executor=VIRTUAL"})
public class PluginCallBench {
  private static final int HOST_CALLS = 500;

  /** A plug-in that is shipped, or that a template makes. */
  @State(Scope.Benchmark)
  public static class Shipped {
    private static final String TEXT = "the cat saw the dog and the dog saw it ".repeat(11);

    @Param({"upper", "word-count", "greet-c", "greet-rust"})
    private String plugin = "upper";

    private final PluginInspector inspector = new PluginInspector(TestModules.limits());
    private final PluginHost host = new PluginHost(TestModules.limits());
    private final PluginCall call = TestModules.call(Map.of("t", TEXT, "text", TEXT, "name", TEXT));
    private byte[] bytes = {};
    private PluginModule module = TestModules.module(TestModules.echo(), EngineMode.COMPILED);

    @Setup
    public void load() throws IOException {
      bytes = PluginBenchmark.bytes(plugin);
      module = TestModules.module("a/" + plugin, bytes, EngineMode.COMPILED);
    }
  }

  /** Plug-ins made for one question each. */
  @State(Scope.Benchmark)
  public static class Made {
    private final PluginHost host = new PluginHost(TestModules.limits());
    private final PluginCall call = TestModules.call(Map.of());
    private final PluginModule echo = TestModules.module(TestModules.echo(), EngineMode.COMPILED);
    private final PluginModule asking = TestModules.module(asking(), EngineMode.COMPILED);
    private final HostFunctions idle = HostFunctions.of(new Idle());

    private static byte[] asking() {
      WasmBuilder wasm = new WasmBuilder();
      int put = wasm.abi("host_put_event");
      int output = wasm.abi("host_output");
      return wasm.data(0, "{}")
          .execute(
              times(1, HOST_CALLS, i32(0), i32(2), call(put), drop()),
              join(i32(0), i32(2), call(output), i32(0)))
          .build();
    }
  }

  /** A capability that does nothing, so that the way to it and back is what is measured. */
  private static final class Idle implements HostCapability {
    private static final HostReply NOTHING = HostReply.done(Map.of());

    @Override
    public String name() {
      return "host_put_event";
    }

    @Override
    public HostReply call(HostCallContext context, byte[] request) {
      return NOTHING;
    }
  }

  private static PluginResult run(
      PluginHost host, PluginModule module, PluginCall call, HostFunctions functions)
      throws InterruptedException {
    PluginResult result = host.call(module, call, PluginGrants.tenantDefault("acme"), functions);
    if (!(result instanceof PluginResult.Ok)) {
      throw new IllegalStateException("Expected a result, but got " + result);
    }
    return result;
  }

  /** Every byte of the module, before an engine sees one, and its digest. */
  @Benchmark
  public PluginInspection admit(Shipped shipped) {
    return shipped.inspector.inspect(shipped.bytes);
  }

  /** A fresh instance and its call with 429 bytes of text. */
  @Benchmark
  public PluginResult instanceAndCall(Shipped shipped) throws InterruptedException {
    return run(shipped.host, shipped.module, shipped.call, TestModules.host());
  }

  /** A fresh instance that copies its input to its output. */
  @Benchmark
  public PluginResult instanceAndEcho(Made made) throws InterruptedException {
    return run(made.host, made.echo, made.call, made.idle);
  }

  /** One of five hundred in one call of a plug-in. */
  @Benchmark
  @OperationsPerInvocation(HOST_CALLS)
  public PluginResult hostCall(Made made) throws InterruptedException {
    return run(made.host, made.asking, made.call, made.idle);
  }
}
