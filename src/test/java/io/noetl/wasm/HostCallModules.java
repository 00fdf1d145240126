package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Modules that call the host, and capabilities that answer them. */
final class HostCallModules {
  private HostCallModules() {}

  /** Calls one import with this range and ends without an output. */
  static byte[] calling(String name, int pointer, int length) {
    WasmBuilder wasm = new WasmBuilder().memory(1, 1);
    int function = wasm.abi(name);
    byte[] level = name.equals("host_log") ? i32(2) : bytes();
    byte[] result = AbiFunction.named(name).orElseThrow().returns() ? drop() : bytes();
    return wasm.execute(
            level, i32(pointer), i32(length), call(function), result, i32(0), bytes(0x0f), i32(0))
        .build();
  }

  /** Puts one event twice and outputs the second reply. */
  static byte[] twoEventsThenReply() {
    WasmBuilder wasm = new WasmBuilder();
    int put = wasm.abi("host_put_event");
    int reply = wasm.abi("host_reply");
    int output = wasm.abi("host_output");
    byte[] event = "{\"envelope\":{\"event_type\":\"order.checked\"}}".getBytes();
    return wasm.data(0, event)
        .execute(
            join(i32(0), i32(event.length), call(put), drop()),
            join(i32(0), i32(event.length), call(put), drop()),
            join(i32(1000), i32(4096), call(reply), bytes(0x21, 1)),
            join(i32(1000), get(1), call(output), i32(0)))
        .build();
  }

  static PluginModule requests(int length, int count) {
    WasmBuilder wasm = new WasmBuilder().memory(20, 20);
    int put = wasm.abi("host_put_event");
    byte[] one = join(i32(0), i32(length), call(put), drop());
    byte[] all = count == 2 ? join(one, one) : one;
    return TestModules.module(wasm.execute(all, i32(0)).build(), EngineMode.COMPILED);
  }

  static HostFunctions answering(AtomicInteger reached, HostReply reply) {
    return HostFunctions.of(
        capability(
            () -> {
              reached.incrementAndGet();
              return reply;
            }));
  }

  static HostCapability failing(Supplier<RuntimeException> failure) {
    return capability(
        () -> {
          throw failure.get();
        });
  }

  static HostCapability spinning(Duration time) {
    return capability(
        () -> {
          long until = System.nanoTime() + time.toNanos();
          while (System.nanoTime() < until) {
            Thread.onSpinWait();
          }
          return HostReply.done(Map.of("event_id", "1"));
        });
  }

  static HostCapability capability(Supplier<HostReply> answer) {
    return capability("host_put_event", answer);
  }

  /** Every capability, counting what reaches it. */
  static HostFunctions all(AtomicInteger reached) {
    return HostFunctions.of(
        HostCapabilities.names().stream()
            .map(
                name ->
                    capability(
                        name,
                        () -> {
                          reached.incrementAndGet();
                          return HostReply.done(Map.of());
                        }))
            .toArray(HostCapability[]::new));
  }

  private static HostCapability capability(String name, Supplier<HostReply> answer) {
    return new HostCapability() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public HostReply call(HostCallContext context, byte[] request) {
        return answer.get();
      }
    };
  }
}
