package io.noetl.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.HostileModules.Guest;
import io.noetl.wasm.HostileModules.Shape;
import io.noetl.wasm.PluginResult.Failed;
import io.noetl.wasm.PluginResult.Ok;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every hostile module is contained: refused by our own decoder, or ended at its limit with the
 * code of that limit. After each, a good plug-in still runs, and no thread and no slot is missing.
 */
@ExtendWith(GuestThreads.class)
final class HostileModulesTest {
  private final PluginLimits limits = TestModules.limits();
  private final PluginHost host = new PluginHost(limits, new EndiveEngine());

  @AfterEach
  void theHostIsHealthy() throws Exception {
    assertThat(run(TestModules.echo(), EngineMode.COMPILED)).isInstanceOf(Ok.class);
    assertThat(host.running()).isZero();
    assertThat(host.stuckThreads()).isZero();
    assertThat(host.ready()).isTrue();
  }

  static Stream<Shape> shapes() {
    return HostileModules.shapes().stream();
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void aHostileShapeIsRefusedBeforeTheEngineSeesIt(Shape shape) {
    byte[] module = shape.module().get();

    long started = System.nanoTime();
    PluginInspection inspection = new PluginInspector(limits).inspect(module);

    assertThat(inspection.admitted()).isFalse();
    assertThat(inspection.faultText()).contains(shape.fault());
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
  }

  static Stream<Arguments> guests() {
    List<Arguments> all = new ArrayList<>();
    for (Guest guest : HostileModules.guests()) {
      for (EngineMode mode : EngineMode.values()) {
        all.add(Arguments.of(guest, mode));
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("guests")
  void aHostileGuestEndsAtItsLimitWithTheCodeOfThatLimit(Guest guest, EngineMode mode)
      throws Exception {
    long started = System.nanoTime();
    PluginResult result = run(guest.module().get(), mode);

    assertThat(result).isInstanceOf(Failed.class);
    assertThat(((Failed) result).code()).as(result.toString()).isEqualTo(guest.code());
    assertThat(((Failed) result).message()).contains("execution=900", "step=count");
    assertThat(Duration.ofNanos(System.nanoTime() - started))
        .isLessThan(limits.wallClock().plusSeconds(10));
  }

  @Test
  void aMemoryFullOfConcurrentGuestsLeavesRoomForTheNext() throws Exception {
    byte[] full = new WasmBuilder().memory(256, 256).execute(WasmBuilder.forever()).build();
    PluginModule module = TestModules.module(full, EngineMode.COMPILED);
    List<Thread> callers = new ArrayList<>();
    List<PluginResult> results = new java.util.concurrent.CopyOnWriteArrayList<>();
    for (int i = 0; i < 2 * limits.instances(); i++) {
      callers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      results.add(call(module));
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
    }
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(results)
        .hasSize(2 * limits.instances())
        .allSatisfy(
            result -> assertThat(((Failed) result).code()).isEqualTo(PluginErrorCode.PLUGIN_FUEL));
  }

  private PluginResult run(byte[] module, EngineMode mode) throws InterruptedException {
    // The interpreter gets less, so that each case takes a second and not a minute.
    long fuel = mode == EngineMode.COMPILED ? limits.fuel() : 3_000_000;
    PluginHost own =
        mode == EngineMode.COMPILED
            ? host
            : new PluginHost(limits.withFuel(fuel), new EndiveEngine());
    return own.call(
        TestModules.module(module, mode),
        TestModules.call(Map.of()),
        PluginGrants.tenantDefault("acme"),
        TestModules.host());
  }

  private PluginResult call(PluginModule module) throws InterruptedException {
    return host.call(
        module, TestModules.call(Map.of()), PluginGrants.tenantDefault("acme"), TestModules.host());
  }
}
