package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Modules, calls and limits that several tests share. */
final class TestModules {
  static final String SEED = "000102030405060708090a0b0c0d0e0f";

  private TestModules() {}

  /** Limits that do not depend on the machine. */
  static PluginLimits limits() {
    return PluginLimits.defaults(4, 1L << 30).withWallClock(Duration.ofSeconds(20));
  }

  /** Limits with another stack and another budget of host calls. */
  static PluginLimits limits(int stackBytes, int hostCalls) {
    PluginLimits base = limits();
    return new PluginLimits(
        base.module(),
        base.fuel(),
        base.hostCallFuel(),
        base.wallClock(),
        base.interruptGrace(),
        base.hostCall(),
        stackBytes,
        hostCalls,
        base.requestBytes(),
        base.replyBytes(),
        base.inputBytes(),
        base.outputBytes(),
        base.logLineBytes(),
        base.logLines(),
        base.instances(),
        base.patience(),
        base.stuckThreads(),
        base.cacheBytes());
  }

  /** Copies its input to its output. */
  static byte[] echo() {
    WasmBuilder wasm = new WasmBuilder();
    int input = wasm.abi("host_input");
    int output = wasm.abi("host_output");
    return wasm.execute(
            i32(0),
            i32(65_536),
            WasmBuilder.call(input),
            drop(),
            i32(0),
            get(0),
            WasmBuilder.call(output),
            i32(0))
        .build();
  }

  static PluginModule module(byte[] wasm, EngineMode mode) {
    return module("acme/x", wasm, mode);
  }

  static PluginModule module(String path, byte[] wasm, EngineMode mode) {
    PluginModules modules = new PluginModules(limits(), PluginCompiler.inProcess());
    try {
      return switch (modules.load(path, 1, PluginInspector.digest(wasm), mode, () -> wasm)) {
        case PluginLoad.Loaded(PluginModule module) -> module;
        case PluginLoad.Refused refused -> throw new AssertionError(refused.message());
      };
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static PluginCall call(Map<String, @Nullable Object> input) {
    return new PluginCall("900", "901", "count", 1, "acme", Instant.EPOCH, SEED, input, null, null);
  }

  /** Offers {@code host_put_event}, whose events get the ids 1, 2, 3. */
  static HostFunctions host() {
    AtomicLong ids = new AtomicLong();
    return HostFunctions.of(
        new PutEventCapability((context, envelope) -> Long.toString(ids.incrementAndGet())));
  }
}
