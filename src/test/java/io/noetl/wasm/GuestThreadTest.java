package io.noetl.wasm;

import static io.noetl.wasm.PluginErrorCode.PLUGIN_BUSY;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_QUARANTINED;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_TIMEOUT;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_TRAP;
import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.forever;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.wasm.PluginResult.Failed;
import io.noetl.wasm.PluginResult.Ok;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Threads: whose, how many, how deep, and what happens when one does not stop. */
@ExtendWith(GuestThreads.class)
final class GuestThreadTest {
  private final PluginLimits limits = TestModules.limits().withFuel(PluginLimits.MOST_FUEL);
  private final PluginHost host = new PluginHost(limits);

  @Test
  void capabilitiesRunOnTheCallersThread() throws Exception {
    AtomicReference<Thread> used = new AtomicReference<>();
    HostFunctions functions =
        HostFunctions.of(
            new PutEventCapability(
                (context, envelope) -> {
                  used.set(Thread.currentThread());
                  return "1";
                }));
    AtomicReference<Object> result = new AtomicReference<>();

    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    result.set(
                        run(
                            TestModules.module(
                                HostCallModules.twoEventsThenReply(), EngineMode.COMPILED),
                            functions));
                  } catch (InterruptedException e) {
                    result.set(e);
                  }
                });
    caller.join();

    assertThat(result.get()).isInstanceOf(Ok.class);
    assertThat(used.get()).isSameAs(caller);
  }

  @ParameterizedTest
  @EnumSource
  void deepRecursionThenAHostCallPoisonsNothing(EngineMode mode) throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int put = wasm.abi("host_put_event");
    int input = wasm.abi("host_input");
    int log = wasm.abi("host_log");
    // deep(n): below n frames it calls the host at every fifth level on the way to the end of the
    // stack.
    byte[] event = "{\"envelope\":{\"event_type\":\"a.b\"}}".getBytes();
    int type = wasm.type(1, 1);
    int self = 3;
    wasm.data(0, event);
    int deep =
        wasm.function(
            type,
            0,
            get(0),
            bytes(0x45, 0x04, 0x40),
            join(i32(0), i32(event.length), call(put), drop()),
            join(i32(1000), i32(100), call(input), drop()),
            join(i32(2), i32(0), i32(4), call(log)),
            join(i32(4), call(self), drop()),
            bytes(0x0b),
            get(0),
            i32(1),
            bytes(0x6b),
            call(self),
            i32(1),
            bytes(0x6a));
    assertThat(deep).isEqualTo(self);
    // The depth before the first host call is the length of the input document.
    byte[] module = wasm.execute(get(0), call(deep)).build();
    PluginModule recursing = TestModules.module(module, mode);
    PluginModule good =
        TestModules.module("other/good", HostCallModules.twoEventsThenReply(), EngineMode.COMPILED);

    // The interpreter needs more stack to get as deep as the input is long.
    int stack = mode == EngineMode.COMPILED ? 256 * 1024 : 1024 * 1024;
    PluginHost generous = new PluginHost(TestModules.limits(stack, 1_000_000));
    AtomicInteger calls = new AtomicInteger();
    long total = 0;
    HostFunctions counting = HostCallModules.answering(calls, HostReply.done(Map.of()));
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 50; i++) {
        int size = i * (mode == EngineMode.COMPILED ? 30 : 3);
        Future<PluginResult> bad =
            callers.submit(
                () ->
                    generous.call(
                        recursing,
                        TestModules.call(Map.of("pad", "x".repeat(size))),
                        PluginGrants.tenantDefault("acme"),
                        counting));
        assertThat(((Failed) bad.get()).code()).isEqualTo(PLUGIN_TRAP);
        assertThat(((Failed) bad.get()).message()).contains("plugin.stack-bytes");
        total += calls.getAndSet(0);
        PluginResult next = callers.submit(() -> run(good, TestModules.host())).get();
        assertThat(((Ok) next).output()).isEqualTo(Map.of("event_id", "2"));
      }
    }
    // The guests came back from the host again and again while their stacks ran out.
    assertThat(total).isPositive();
    assertThat(generous.stuckThreads()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void eightThreadsShareOnePluginWithoutMixing(EngineMode mode) throws Exception {
    PluginHost many = new PluginHost(limits.withInstances(8, Duration.ofSeconds(30)));
    PluginModule upper = BundledPluginTest.load("upper", mode);
    int rounds = mode == EngineMode.COMPILED ? 200 : 20;

    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Set<Object>>> all = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        String word = "word" + t;
        all.add(
            callers.submit(
                () -> {
                  Set<Object> outputs = new HashSet<>();
                  for (int i = 0; i < rounds; i++) {
                    PluginResult result =
                        many.call(
                            upper,
                            TestModules.call(Map.of("t", word)),
                            PluginGrants.tenantDefault("acme"),
                            TestModules.host());
                    outputs.add(result instanceof Ok ok ? ok.output() : result);
                  }
                  return outputs;
                }));
      }
      for (int t = 0; t < 8; t++) {
        assertThat(all.get(t).get()).containsExactly(Map.of("t", "WORD" + t));
      }
    }
    assertThat(many.running()).isZero();
  }

  @Test
  void aCallWithoutASlotInTimeIsBusy() throws Exception {
    PluginHost single =
        new PluginHost(limits.withInstances(1, Duration.ofMillis(50)), new EndiveEngine());
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    HostFunctions blocking =
        HostFunctions.of(
            new PutEventCapability(
                (context, envelope) -> {
                  inside.countDown();
                  try {
                    leave.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  return "1";
                }));
    PluginModule module =
        TestModules.module(HostCallModules.twoEventsThenReply(), EngineMode.COMPILED);

    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<PluginResult> first =
          callers.submit(
              () ->
                  single.call(
                      module,
                      TestModules.call(Map.of()),
                      PluginGrants.tenantDefault("acme"),
                      blocking));
      inside.await();
      PluginResult second =
          single.call(
              module,
              TestModules.call(Map.of()),
              PluginGrants.tenantDefault("acme"),
              TestModules.host());
      leave.countDown();

      assertThat(((Failed) second).code()).isEqualTo(PLUGIN_BUSY);
      assertThat(((Failed) second).code().retry()).isEqualTo(PluginErrorCode.Retry.RELEASE);
      assertThat(first.get()).isInstanceOf(Ok.class);
    }
    assertThat(single.running()).isZero();
  }

  @Test
  void interruptingTheCallerStopsTheGuestFirst() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    HostFunctions functions =
        HostFunctions.of(
            new PutEventCapability(
                (context, envelope) -> {
                  inside.countDown();
                  return "1";
                }));
    WasmBuilder wasm = new WasmBuilder();
    int put = wasm.abi("host_put_event");
    byte[] event = "{\"envelope\":{\"event_type\":\"a.b\"}}".getBytes();
    PluginModule module =
        TestModules.module(
            wasm.data(0, event)
                .execute(join(i32(0), i32(event.length), call(put), drop()), forever())
                .build(),
            EngineMode.COMPILED);
    AtomicReference<Throwable> thrown = new AtomicReference<>();

    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    run(module, functions);
                  } catch (InterruptedException e) {
                    thrown.set(e);
                  }
                });
    inside.await();
    caller.interrupt();
    caller.join();

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(host.running()).isZero();
    assertThat(host.stuckThreads()).isZero();
  }

  @Test
  void anErrorOfACapabilityStopsTheGuestAndGoesOn() {
    HostCapability broken =
        HostCallModules.failing(
            () -> {
              throw new AssertionError("a bug of the host");
            });

    assertThatThrownBy(
            () ->
                run(
                    TestModules.module(HostCallModules.twoEventsThenReply(), EngineMode.COMPILED),
                    HostFunctions.of(broken)))
        .isInstanceOf(AssertionError.class);
    assertThat(host.running()).isZero();
  }

  @Test
  void aGuestThatIgnoresTheInterruptIsQuarantinedAndCounted() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    DeafEngine deaf = new DeafEngine(release);
    PluginLimits brief =
        limits.withWallClock(Duration.ofMillis(50)).withInterruptGrace(Duration.ofMillis(50));
    PluginHost quarantining = new PluginHost(brief, deaf);
    PluginModule real = TestModules.module(TestModules.echo(), EngineMode.COMPILED);
    PluginModule stuck =
        new PluginModule("acme/x", 1, real.inspection(), EngineMode.COMPILED, deaf.deaf());
    PluginModule next =
        new PluginModule("acme/x", 2, real.inspection(), EngineMode.COMPILED, real.code());

    PluginResult first = run(quarantining, stuck);
    PluginResult second = run(quarantining, stuck);

    assertThat(((Failed) first).code()).isEqualTo(PLUGIN_TIMEOUT);
    assertThat(((Failed) second).code()).isEqualTo(PLUGIN_QUARANTINED);
    assertThat(quarantining.isQuarantined(stuck)).isTrue();
    assertThat(quarantining.stuckThreads()).isEqualTo(1);
    assertThat(quarantining.ready()).isTrue();
    assertThat(run(new PluginHost(limits, deaf), next)).isInstanceOf(Ok.class);
    assertThat(quarantining.isQuarantined(next)).isFalse();

    release.countDown();
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (quarantining.stuckThreads() != 0 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(quarantining.stuckThreads()).isZero();
    assertThat(quarantining.isQuarantined(stuck)).isTrue();
  }

  /** A guest that does not end when told; the interrupt never reaches it. */
  private record DeafEngine(CountDownLatch release) implements Engine {
    @Override
    public String version() {
      return "deaf-1";
    }

    @Override
    public byte[] translate(byte[] wasm) {
      return wasm;
    }

    @Override
    public Code load(byte[] wasm, byte @Nullable [] translated, int tableElements) {
      return deaf();
    }

    @Override
    public void interrupt(Thread guest) {}

    Code deaf() {
      return (linked, imports, pages) -> {
        try {
          release.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        throw new IllegalStateException("released");
      };
    }
  }

  private PluginResult run(PluginModule module, HostFunctions functions)
      throws InterruptedException {
    return host.call(
        module, TestModules.call(Map.of()), PluginGrants.tenantDefault("acme"), functions);
  }

  private static PluginResult run(PluginHost host, PluginModule module)
      throws InterruptedException {
    return host.call(
        module, TestModules.call(Map.of()), PluginGrants.tenantDefault("acme"), TestModules.host());
  }
}
