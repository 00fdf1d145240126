package io.noetl.wasm;

import static io.noetl.wasm.PluginErrorCode.PLUGIN_TRAP;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_UNANSWERED;
import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.forever;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginResult.Failed;
import io.noetl.wasm.PluginResult.Ok;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What passes between guest and host: pointers, requests, replies, budgets. */
@ExtendWith(GuestThreads.class)
final class HostCallTest {
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
    PluginGrants all = PluginGrants.of("acme", HostCapabilities.names().toArray(String[]::new));
    for (AbiFunction function : AbiFunction.values()) {
      String name = function.wireName();
      for (long[] range : wrong) {
        AtomicInteger reached = new AtomicInteger();
        PluginResult result =
            host.call(
                TestModules.module(
                    HostCallModules.calling(name, (int) range[0], (int) range[1]), mode),
                TestModules.call(Map.of()),
                all,
                HostCallModules.all(reached));

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
                TestModules.module(HostCallModules.calling(name, range[0], range[1]), mode),
                HostCallModules.answering(new AtomicInteger(), HostReply.done(Map.of())));

        assertThat(((Failed) result).code()).isEqualTo(PluginErrorCode.PLUGIN_OUTPUT);
      }
    }
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
            HostCallModules.answering(
                new AtomicInteger(), HostReply.done(Map.of("event_id", "12"))));

    assertThat(((Ok) result).output()).isEqualTo(Map.of("event_id", "12"));
  }

  @Test
  void hostErrorsReachTheGuestWithoutTheirCause() throws Exception {
    record Case(HostCapability capability, String code, String message) {}

    List<Case> cases =
        List.of(
            new Case(
                HostCallModules.failing(() -> new IllegalStateException("password=hunter2")),
                "INTERNAL",
                "the host failed"),
            new Case(
                HostCallModules.failing(
                    () -> new HostCallException(HostError.UNAVAILABLE, "no server")),
                "UNAVAILABLE",
                "no server"));
    for (Case each : cases) {
      PluginResult result =
          host.call(
              TestModules.module(HostCallModules.twoEventsThenReply(), EngineMode.COMPILED),
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
            TestModules.module(
                HostCallModules.calling("host_put_event", 0, 2), EngineMode.COMPILED),
            HostCallModules.answering(new AtomicInteger(), large));
    AtomicInteger reached = new AtomicInteger();
    PluginResult once =
        run(
            HostCallModules.requests(limits.requestBytes() + 1, 1),
            HostCallModules.answering(reached, large));
    PluginResult twice =
        run(
            HostCallModules.requests(limits.requestBytes() + 1, 2),
            HostCallModules.answering(reached, large));

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
            HostCallModules.answering(reached, HostReply.done(Map.of())));

    assertThat(((Failed) result).code()).isEqualTo(PLUGIN_TRAP);
    assertThat(reached).hasValue(limits.hostCalls());
    assertThat(result.usage().hostCalls()).isEqualTo(limits.hostCalls() + 2);
  }

  @Test
  void timeOfAHostCallIsNotChargedToTheGuest() throws Exception {
    PluginHost hurried =
        new PluginHost(limits.withWallClock(Duration.ofMillis(500)), new EndiveEngine());
    PluginModule module =
        TestModules.module(HostCallModules.twoEventsThenReply(), EngineMode.COMPILED);
    run(module, HostCallModules.answering(new AtomicInteger(), HostReply.done(Map.of())));
    HostCapability slow = HostCallModules.spinning(Duration.ofMillis(400));

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
    HostCapability slow = HostCallModules.spinning(Duration.ofMillis(60));

    PluginResult result =
        impatient.call(
            TestModules.module(HostCallModules.twoEventsThenReply(), EngineMode.COMPILED),
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
    HostCapability hanging = HostCallModules.spinning(Duration.ofMillis(500));

    PluginResult result =
        impatient.call(
            TestModules.module(HostCallModules.twoEventsThenReply(), EngineMode.COMPILED),
            TestModules.call(Map.of()),
            PluginGrants.tenantDefault("acme"),
            HostFunctions.of(hanging));

    assertThat(((Failed) result).code()).isEqualTo(PLUGIN_UNANSWERED);
    assertThat(((Failed) result).code().retry()).isEqualTo(PluginErrorCode.Retry.NEXT_ATTEMPT);
    assertThat(((Failed) result).message())
        .contains("Expected host_put_event to be answered within PT0.05S (plugin.host-call)");
  }

  private PluginResult run(PluginModule module, HostFunctions functions)
      throws InterruptedException {
    return host.call(
        module, TestModules.call(Map.of()), PluginGrants.tenantDefault("acme"), functions);
  }
}
