package io.noetl.wasm;

import static io.noetl.wasm.PluginErrorCode.PLUGIN_BUSY;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_IMPORT_DENIED;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where guest and host meet: pointers, host calls, grants, threads. */
@ExtendWith(GuestThreads.class)
final class PluginBoundaryTest {
  private static final int PAGE = 65_536;

  private final PluginLimits limits = TestModules.limits();
  private final PluginHost host = new PluginHost(limits);

  @ParameterizedTest
  @EnumSource
  void pointersOutsideTheMemoryTrapAndNothingIsCopied(EngineMode mode) throws Exception {
    long[][] wrong = {
      {PAGE + 1, 0},
      {PAGE, 1},
      {PAGE - 1, 2},
      {0, PAGE + 1},
      {0, 0x80000000L},
      {0, 0xffffffffL},
      {0xffffffffL, 0},
      {0xffffffffL, 1},
      {0xffffffffL, 0xffffffffL},
      {0x80000000L, 0x80000000L}
    };
    for (String name :
        List.of("host_input", "host_output", "host_reply", "host_log", "host_put_event")) {
      for (long[] range : wrong) {
        AtomicInteger reached = new AtomicInteger();
        PluginResult result =
            run(
                TestModules.module(calling(name, (int) range[0], (int) range[1]), mode),
                answering(reached, HostReply.done(Map.of())));

        String at = name + " " + range[0] + " " + range[1];
        assertThat(result).as(at).isInstanceOf(Failed.class);
        assertThat(((Failed) result).code()).as(at).isEqualTo(PLUGIN_TRAP);
        assertThat(((Failed) result).message())
            .contains(name, "pointer " + range[0] + " and length " + range[1]);
        assertThat(reached).hasValue(0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void pointersAtTheEdgeOfTheMemoryPass(EngineMode mode) throws Exception {
    for (String name :
        List.of("host_input", "host_reply", "host_log", "host_put_event", "host_output")) {
      for (int[] range : new int[][] {{0, 0}, {PAGE, 0}, {PAGE - 1, 1}, {0, PAGE}}) {
        PluginResult result =
            run(
                TestModules.module(calling(name, range[0], range[1]), mode),
                answering(new AtomicInteger(), HostReply.done(Map.of())));

        assertThat(((Failed) result).code()).isEqualTo(PluginErrorCode.PLUGIN_OUTPUT);
      }
    }
  }

  @Test
  void everyUngrantedImportIsNamedInOneMessage() throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    wasm.abi("host_mutate_catalog");
    wasm.abi("host_put_event");
    wasm.abi("host_system_call");
    PluginModule module = TestModules.module(wasm.execute(i32(0)).build(), EngineMode.COMPILED);

    PluginResult result =
        host.call(
            module,
            TestModules.call(Map.of()),
            PluginGrants.of("acme", "host_put_event", "host_query_pg"),
            TestModules.host());

    Failed failed = (Failed) result;
    assertThat(failed.code()).isEqualTo(PLUGIN_IMPORT_DENIED);
    assertThat(failed.message())
        .isEqualTo(
            "plug-in acme/x imports noetl.v1.host_mutate_catalog, noetl.v1.host_system_call, which"
                + " tenant acme is not granted (granted: host_put_event, host_query_pg)");
  }

  @Test
  void putEventIsDeniedToATenantWithoutTheGrant() throws Exception {
    PluginModule module = TestModules.module(calling("host_put_event", 0, 2), EngineMode.COMPILED);

    PluginResult result =
        host.call(module, TestModules.call(Map.of()), PluginGrants.of("acme"), TestModules.host());

    assertThat(((Failed) result).message())
        .isEqualTo(
            "plug-in acme/x imports noetl.v1.host_put_event, which tenant acme is not granted"
                + " (granted: none)");
  }

  @Test
  void aGrantedCapabilityThatTheInstallationLacksIsNamed() throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    wasm.abi("host_query_pg");

    PluginResult result =
        host.call(
            TestModules.module(wasm.execute(i32(0)).build(), EngineMode.COMPILED),
            TestModules.call(Map.of()),
            PluginGrants.of("acme", "host_query_pg"),
            TestModules.host());

    assertThat(((Failed) result).code()).isEqualTo(PLUGIN_IMPORT_DENIED);
    assertThat(((Failed) result).message())
        .endsWith("which this installation does not offer (offered: host_put_event)");
  }

  @Test
  void aWithdrawnGrantIsDeniedAtTheNextHostCall() throws Exception {
    AtomicBoolean withdrawn = new AtomicBoolean();
    PluginGrants grants =
        new PluginGrants() {
          @Override
          public String tenant() {
            return "acme";
          }

          @Override
          public Set<String> capabilities() {
            return withdrawn.get() ? Set.of() : Set.of("host_put_event");
          }
        };
    HostFunctions functions =
        HostFunctions.of(
            new PutEventCapability(
                (context, envelope) -> {
                  withdrawn.set(true);
                  return "1";
                }));

    PluginResult result =
        host.call(
            TestModules.module(twoEventsThenReply(), EngineMode.COMPILED),
            TestModules.call(Map.of()),
            grants,
            functions);

    Map<?, ?> second = (Map<?, ?>) ((Ok) result).output();
    assertThat(second.get("code")).isEqualTo("DENIED");
    assertThat(second.get("retryable")).isEqualTo(false);
  }

  @ParameterizedTest
  @EnumSource
  void replyIsServedWholeAndAgain(EngineMode mode) throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int put = wasm.abi("host_put_event");
    int reply = wasm.abi("host_reply");
    int output = wasm.abi("host_output");
    byte[] module =
        wasm.data(0, "{}")
            .execute(
                // Before any call there is nothing: a non-zero length would end in a trap here.
                join(i32(100), i32(50), call(reply), bytes(0x04, 0x40, 0x00, 0x0b)),
                join(i32(0), i32(2), call(put), bytes(0x21, 1)),
                join(i32(100), i32(3), call(reply), drop()),
                join(i32(100), i32(5000), call(reply), bytes(0x21, 2)),
                // The result of the call and the length of the reply are the same number.
                join(get(1), get(2), bytes(0x47, 0x04, 0x40, 0x00, 0x0b)),
                join(i32(100), get(2), call(output), i32(0)))
            .build();

    PluginResult result =
        run(
            TestModules.module(module, mode),
            answering(new AtomicInteger(), HostReply.done(Map.of("event_id", "12"))));

    assertThat(((Ok) result).output()).isEqualTo(Map.of("event_id", "12"));
  }

  @Test
  void hostErrorsReachTheGuestWithoutTheirCause() throws Exception {
    record Case(HostCapability capability, String code, String message) {}

    List<Case> cases =
        List.of(
            new Case(
                failing(() -> new IllegalStateException("password=hunter2")),
                "INTERNAL",
                "the host failed"),
            new Case(
                failing(() -> new HostCallException(HostError.UNAVAILABLE, "no server")),
                "UNAVAILABLE",
                "no server"));
    for (Case each : cases) {
      PluginResult result =
          host.call(
              TestModules.module(twoEventsThenReply(), EngineMode.COMPILED),
              TestModules.call(Map.of()),
              PluginGrants.tenantDefault("acme"),
              HostFunctions.of(each.capability()));

      Map<?, ?> error = (Map<?, ?>) ((Ok) result).output();
      assertThat(error.get("code")).isEqualTo(each.code());
      assertThat(error.get("message")).isEqualTo(each.message());
    }
  }

  @Test
  void replyAndRequestOverTheirLimitsAreRefusedOnceAndThenTrap() throws Exception {
    HostReply large = new HostReply.Done(new byte[limits.replyBytes() + 1]);
    PluginResult reply =
        run(
            TestModules.module(calling("host_put_event", 0, 2), EngineMode.COMPILED),
            answering(new AtomicInteger(), large));
    AtomicInteger reached = new AtomicInteger();
    PluginResult once = run(requests(limits.requestBytes() + 1, 1), answering(reached, large));
    PluginResult twice = run(requests(limits.requestBytes() + 1, 2), answering(reached, large));

    assertThat(((Failed) reply).code()).isEqualTo(PluginErrorCode.PLUGIN_OUTPUT);
    assertThat(((Failed) once).code()).isEqualTo(PluginErrorCode.PLUGIN_OUTPUT);
    assertThat(((Failed) twice).code()).isEqualTo(PLUGIN_TRAP);
    assertThat(reached).hasValue(0);
  }

  @Test
  void endlessHostCallsEndAtTheBudget() throws Exception {
    AtomicInteger reached = new AtomicInteger();
    WasmBuilder wasm = new WasmBuilder();
    int put = wasm.abi("host_put_event");
    byte[] module = wasm.data(0, "{}").execute(forever(i32(0), i32(2), call(put), drop())).build();

    PluginResult result =
        run(
            TestModules.module(module, EngineMode.COMPILED),
            answering(reached, HostReply.done(Map.of())));

    assertThat(((Failed) result).code()).isEqualTo(PLUGIN_TRAP);
    assertThat(reached).hasValue(limits.hostCalls());
    assertThat(result.usage().hostCalls()).isEqualTo(limits.hostCalls() + 2);
  }

  @Test
  void timeOfAHostCallIsNotChargedToTheGuest() throws Exception {
    PluginHost hurried =
        new PluginHost(limits.withWallClock(Duration.ofMillis(500)), new EndiveEngine());
    PluginModule module = TestModules.module(twoEventsThenReply(), EngineMode.COMPILED);
    run(module, answering(new AtomicInteger(), HostReply.done(Map.of())));
    HostCapability slow = spinning(Duration.ofMillis(400));

    PluginResult result =
        hurried.call(
            module,
            TestModules.call(Map.of()),
            PluginGrants.tenantDefault("acme"),
            HostFunctions.of(slow));

    assertThat(result).isInstanceOf(Ok.class);
    assertThat(result.usage().hostMicros()).isGreaterThanOrEqualTo(800_000);
  }

  @Test
  void aHostCallBeyondItsTimeIsATimeoutForTheGuest() throws Exception {
    PluginHost impatient =
        new PluginHost(limits.withHostCall(Duration.ofMillis(50)), new EndiveEngine());
    HostCapability slow = spinning(Duration.ofMillis(60));

    PluginResult result =
        impatient.call(
            TestModules.module(twoEventsThenReply(), EngineMode.COMPILED),
            TestModules.call(Map.of()),
            PluginGrants.tenantDefault("acme"),
            HostFunctions.of(slow));

    assertThat(((Map<?, ?>) ((Ok) result).output()).get("code")).isEqualTo("TIMEOUT");
  }

  @Test
  void aGuestWhoseHostNeverAnswersEndsByItself() throws Exception {
    PluginHost impatient =
        new PluginHost(
            limits.withHostCall(Duration.ofMillis(50)).withInterruptGrace(Duration.ofMillis(50)),
            new EndiveEngine());
    HostCapability hanging = spinning(Duration.ofMillis(500));

    PluginResult result =
        impatient.call(
            TestModules.module(twoEventsThenReply(), EngineMode.COMPILED),
            TestModules.call(Map.of()),
            PluginGrants.tenantDefault("acme"),
            HostFunctions.of(hanging));

    assertThat(((Failed) result).code()).isEqualTo(PLUGIN_TIMEOUT);
    assertThat(((Failed) result).message()).contains("host_put_event");
  }

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
                            TestModules.module(twoEventsThenReply(), EngineMode.COMPILED),
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
    PluginModule good = TestModules.module("other/good", twoEventsThenReply(), EngineMode.COMPILED);

    // The interpreter needs more stack to get as deep as the input is long.
    int stack = mode == EngineMode.COMPILED ? 256 * 1024 : 1024 * 1024;
    PluginHost generous = new PluginHost(TestModules.limits(stack, 1_000_000));
    AtomicInteger calls = new AtomicInteger();
    long total = 0;
    HostFunctions counting = answering(calls, HostReply.done(Map.of()));
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
    PluginModule module = TestModules.module(twoEventsThenReply(), EngineMode.COMPILED);

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
        failing(
            () -> {
              throw new AssertionError("a bug of the host");
            });

    assertThatThrownBy(
            () ->
                run(
                    TestModules.module(twoEventsThenReply(), EngineMode.COMPILED),
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
    public Code compile(byte[] wasm, EngineMode mode, int tableElements) {
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

  /** Calls one import with this range and ends without an output. */
  private static byte[] calling(String name, int pointer, int length) {
    WasmBuilder wasm = new WasmBuilder().memory(1, 1);
    int function = wasm.abi(name);
    byte[] level = name.equals("host_log") ? i32(2) : bytes();
    byte[] result = AbiFunction.named(name).orElseThrow().returns() ? drop() : bytes();
    return wasm.execute(
            level, i32(pointer), i32(length), call(function), result, i32(0), bytes(0x0f), i32(0))
        .build();
  }

  /** Puts one event twice and outputs the second reply. */
  private static byte[] twoEventsThenReply() {
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

  private static PluginModule requests(int length, int count) {
    WasmBuilder wasm = new WasmBuilder().memory(20, 20);
    int put = wasm.abi("host_put_event");
    byte[] one = join(i32(0), i32(length), call(put), drop());
    byte[] all = count == 2 ? join(one, one) : one;
    return TestModules.module(wasm.execute(all, i32(0)).build(), EngineMode.COMPILED);
  }

  private static HostFunctions answering(AtomicInteger reached, HostReply reply) {
    return HostFunctions.of(
        capability(
            () -> {
              reached.incrementAndGet();
              return reply;
            }));
  }

  private static HostCapability failing(Supplier<RuntimeException> failure) {
    return capability(
        () -> {
          throw failure.get();
        });
  }

  private static HostCapability spinning(Duration time) {
    return capability(
        () -> {
          long until = System.nanoTime() + time.toNanos();
          while (System.nanoTime() < until) {
            Thread.onSpinWait();
          }
          return HostReply.done(Map.of("event_id", "1"));
        });
  }

  private static HostCapability capability(Supplier<HostReply> answer) {
    return new HostCapability() {
      @Override
      public String name() {
        return "host_put_event";
      }

      @Override
      public HostReply call(HostCallContext context, byte[] request) {
        return answer.get();
      }
    };
  }
}
