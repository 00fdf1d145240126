package io.noetl.wasm;

import static io.noetl.wasm.PluginErrorCode.PLUGIN_FAILED;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_MEMORY;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_OUTPUT;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_TIMEOUT;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_TRAP;
import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.forever;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.times;
import static io.noetl.wasm.WasmBuilder.unreachable;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginResult.Failed;
import io.noetl.wasm.PluginResult.GuestError;
import io.noetl.wasm.PluginResult.Ok;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What ends a guest: time, memory, output, traps. After each case a good plug-in still runs. */
@ExtendWith(GuestThreads.class)
final class GuestLimitsTest {
  /** So much fuel that only the other limits end a guest. */
  private final PluginLimits limits = TestModules.limits().withFuel(1L << 50);

  private final PluginHost host = new PluginHost(limits, new EndiveEngine());

  @AfterEach
  void theHostStillRunsAGoodPlugin() throws Exception {
    PluginResult result = run(host, TestModules.echo(), EngineMode.COMPILED);

    assertThat(result).isInstanceOf(Ok.class);
    assertThat(host.running()).isZero();
    assertThat(host.stuckThreads()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void outputOfExecuteBecomesTheResult(EngineMode mode) throws Exception {
    PluginResult result = run(host, TestModules.echo(), mode);

    Map<?, ?> document = (Map<?, ?>) ((Ok) result).output();
    assertThat(document.get("abi")).isEqualTo("noetl.v1");
    assertThat(document.get("execution_id")).isEqualTo("900");
    assertThat(document.get("seed")).isEqualTo(TestModules.SEED);
    assertThat(document.get("now")).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(document.get("input")).isEqualTo(Map.of("n", 1L));
  }

  @ParameterizedTest
  @EnumSource
  void endlessLoopEndsAtTheWallClock(EngineMode mode) throws Exception {
    Duration clock = Duration.ofMillis(400);
    PluginHost hurried = new PluginHost(limits.withWallClock(clock), new EndiveEngine());
    PluginModule module = TestModules.module(new WasmBuilder().execute(forever()).build(), mode);

    long started = System.nanoTime();
    PluginResult result = run(hurried, module);
    Duration took = Duration.ofNanos(System.nanoTime() - started);

    assertCode(result, PLUGIN_TIMEOUT);
    assertThat(took).isBetween(clock, clock.multipliedBy(3).dividedBy(2));
    assertThat(hurried.stuckThreads()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void endlessInitialiserEndsAtTheWallClock(EngineMode mode) throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int init = wasm.function(wasm.type(0, 0), 0, forever());
    byte[] module = wasm.exportFunction("_initialize", init).execute(i32(0)).build();
    PluginHost hurried =
        new PluginHost(limits.withWallClock(Duration.ofMillis(200)), new EndiveEngine());

    assertCode(run(hurried, module, mode), PLUGIN_TIMEOUT);
  }

  @Test
  void endlessLogLoopEndsAtTheWallClockAndKeepsTheFirstLines() throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int log = wasm.abi("host_log");
    byte[] module =
        wasm.data(0, "hello").execute(forever(i32(9), i32(0), i32(5), call(log))).build();
    PluginHost hurried =
        new PluginHost(limits.withWallClock(Duration.ofMillis(200)), new EndiveEngine());

    PluginResult result = run(hurried, module, EngineMode.COMPILED);

    assertCode(result, PLUGIN_TIMEOUT);
    assertThat(result.usage().log()).hasSize(limits.logLines());
    assertThat(result.usage().log().get(0).text()).isEqualTo("hello");
    assertThat(result.usage().logDropped()).isPositive();
  }

  @Test
  void aCallMayLowerItsTimeButNotRaiseIt() throws Exception {
    PluginModule module =
        TestModules.module(new WasmBuilder().execute(forever()).build(), EngineMode.COMPILED);
    PluginHost hurried =
        new PluginHost(limits.withWallClock(Duration.ofMillis(300)), new EndiveEngine());

    Failed lowered = (Failed) run(host, module, lowered(Duration.ofMillis(100), null));
    Failed raised = (Failed) run(hurried, module, lowered(Duration.ofHours(1), null));

    assertThat(lowered.message()).contains("PT0.1S (the timeout of its step or tool)");
    assertThat(raised.message()).contains("PT0.3S (plugin.wall-clock)");
  }

  @ParameterizedTest
  @EnumSource
  void initialiserRunsBeforeExecute(EngineMode mode) throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    int global = wasm.global(0);
    int init = wasm.function(wasm.type(0, 0), 0, i32(4), bytes(0x24, global) /* global.set */);
    byte[] module =
        wasm.exportFunction("_initialize", init)
            .data(8, "true")
            .execute(i32(8), bytes(0x23, global), call(output), i32(0))
            .build();

    assertThat(((Ok) run(host, module, mode)).output()).isEqualTo(true);
  }

  @ParameterizedTest
  @EnumSource
  void trapsAreNamed(EngineMode mode) throws Exception {
    byte[] unreachable = new WasmBuilder().execute(unreachable()).build();
    byte[] division = new WasmBuilder().execute(i32(1), i32(0), bytes(0x6d)).build();
    byte[] outside = new WasmBuilder().execute(i32(65_533), bytes(0x28, 0x02, 0x00)).build();
    byte[] offset =
        new WasmBuilder()
            .execute(i32(-1), join(bytes(0x28, 0x02), WasmBuilder.u32(0xffffffffL)))
            .build();
    byte[] lastBytes = new WasmBuilder().execute(i32(65_532), bytes(0x28, 0x02, 0x00)).build();

    assertCode(run(host, unreachable, mode), PLUGIN_TRAP, "unreachable");
    assertCode(run(host, division, mode), PLUGIN_TRAP, "integer divide by zero");
    assertCode(run(host, outside, mode), PLUGIN_TRAP, "out of bounds memory access");
    assertCode(run(host, offset, mode), PLUGIN_TRAP, "out of bounds memory access");
    assertCode(run(host, lastBytes, mode), PLUGIN_OUTPUT);
  }

  @ParameterizedTest
  @EnumSource
  void endlessRecursionIsATrap(EngineMode mode) throws Exception {
    byte[] module = new WasmBuilder().execute(join(get(0), call(0))).build();

    assertCode(run(host, module, mode), PLUGIN_TRAP, "plugin.stack-bytes");
  }

  @ParameterizedTest
  @EnumSource
  void memoryGrowsToItsLimitAndNotBeyond(EngineMode mode) throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    // The output is the text of the page count that the last successful growth leaves behind.
    byte[] module =
        wasm.data(0, "true")
            .execute(
                join(i32(255), bytes(0x40, 0x00), drop()),
                // 256 pages now; one more must be refused, and the size must stay.
                join(i32(1), bytes(0x40, 0x00), i32(-1), bytes(0x46)),
                join(bytes(0x3f, 0x00), i32(256), bytes(0x46), bytes(0x71)),
                bytes(0x04, 0x40),
                join(i32(0), i32(4), call(output)),
                bytes(0x0b),
                i32(0))
            .build();

    assertThat(((Ok) run(host, module, mode)).output()).isEqualTo(true);
  }

  @ParameterizedTest
  @EnumSource
  void growingInALoopUntilTheTrapIsTheMemoryLimit(EngineMode mode) throws Exception {
    byte[] module =
        new WasmBuilder()
            .execute(
                forever(
                    join(i32(1), bytes(0x40, 0x00), i32(-1), bytes(0x46)),
                    bytes(0x04, 0x40),
                    unreachable(),
                    bytes(0x0b)))
            .build();

    assertCode(run(host, module, mode), PLUGIN_MEMORY, "256 pages (plugin.memory-pages)");
  }

  @Test
  void aCallMayLowerItsMemory() throws Exception {
    PluginModule two =
        TestModules.module(
            new WasmBuilder().memory(17, 20).execute(i32(0)).build(), EngineMode.COMPILED);

    assertCode(run(host, two, lowered(null, 1)), PLUGIN_MEMORY, "16 pages", "but got 17");
    assertCode(run(host, two, lowered(null, 2)), PLUGIN_OUTPUT);
  }

  @ParameterizedTest
  @EnumSource
  void outputUpToItsLimitPassesAndOneByteMoreDoesNot(EngineMode mode) throws Exception {
    int most = limits.outputBytes();

    assertThat(run(host, outputOf(most, "7", most), mode)).isInstanceOf(Ok.class);
    assertCode(
        run(host, outputOf(most + 1, "7", most), mode),
        PLUGIN_OUTPUT,
        "plugin.output-bytes",
        Integer.toString(most + 1));
  }

  @Test
  void outputMustBeSetAndBeJsonInUtf8() throws Exception {
    byte[] never = new WasmBuilder().execute(i32(0)).build();
    byte[] deep = "[".repeat(100_000).getBytes();

    assertCode(run(host, never, EngineMode.COMPILED), PLUGIN_OUTPUT, "it was not");
    assertCode(run(host, outputOf(0, "", 0), EngineMode.COMPILED), PLUGIN_OUTPUT, "empty");
    assertCode(run(host, outputOf(4, "nope", 4), EngineMode.COMPILED), PLUGIN_OUTPUT, "JSON");
    assertCode(run(host, outputOf(3, "1 2", 3), EngineMode.COMPILED), PLUGIN_OUTPUT, "JSON");
    assertCode(output(bytes(0x22, 0xc3, 0x28, 0x22)), PLUGIN_OUTPUT, "not UTF-8");
    assertCode(output(bytes(0x22, 0xed, 0xa0, 0x80, 0x22)), PLUGIN_OUTPUT, "not UTF-8");
    assertCode(output(bytes(0x00, 0x37)), PLUGIN_OUTPUT, "JSON");
    assertCode(output(deep), PLUGIN_OUTPUT, "JSON");
  }

  @Test
  void theLastOutputWinsAndIsCopiedWhenGiven() throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    byte[] module =
        wasm.data(0, "12345")
            .execute(
                join(i32(0), i32(5), call(output)),
                join(i32(1), i32(2), call(output)),
                join(i32(1), i32('9'), bytes(0x3a, 0x00, 0x00)),
                i32(0))
            .build();

    assertThat(((Ok) run(host, module, EngineMode.COMPILED)).output()).isEqualTo(23L);
  }

  @Test
  void anErrorDocumentIsASoftError() throws Exception {
    String error = "{\"code\":\"full\",\"message\":\"no room\",\"retryable\":true,\"details\":[1]}";
    GuestError result = (GuestError) run(host, returning(1, error), EngineMode.COMPILED);

    assertThat(result.error())
        .isEqualTo(
            Map.of(
                "kind", "plugin",
                "code", "full",
                "message", "no room",
                "retryable", true,
                "details", List.of(1L)));
    assertCode(run(host, returning(1, "[]"), EngineMode.COMPILED), PLUGIN_OUTPUT);
    assertCode(run(host, returning(1, "{\"code\":1}"), EngineMode.COMPILED), PLUGIN_OUTPUT);
  }

  @Test
  void aLongGuestMessageIsCut() throws Exception {
    String error = "{\"code\":\"c\",\"message\":\"" + "m".repeat(5000) + "\"}";
    GuestError result = (GuestError) run(host, returning(1, error), EngineMode.COMPILED);

    assertThat(result.message()).hasSize(GuestVerdict.MESSAGE_CHARACTERS);
  }

  @Test
  void anyOtherReturnValueIsAFailure() throws Exception {
    assertCode(run(host, returning(2, "{}"), EngineMode.COMPILED), PLUGIN_FAILED, "but got 2");
    assertCode(run(host, returning(-1, "{}"), EngineMode.COMPILED), PLUGIN_FAILED, "but got -1");
  }

  @Test
  void failureNamesPluginExecutionStepAndCommand() throws Exception {
    assertCode(
        run(host, new WasmBuilder().execute(unreachable()).build(), EngineMode.COMPILED),
        PLUGIN_TRAP,
        "(plugin=acme/x version 1, execution=900, step=count, command=901)");
  }

  @Test
  void inputOverItsLimitNeverReachesTheGuest() throws Exception {
    String text = "x".repeat(limits.inputBytes());
    PluginResult result =
        host.call(
            TestModules.module(TestModules.echo(), EngineMode.COMPILED),
            TestModules.call(Map.of("t", text)),
            PluginGrants.tenantDefault("acme"),
            TestModules.host());

    assertCode(result, PLUGIN_FAILED, "plugin.input-bytes");
  }

  @Test
  void logLinesAreCutAndCounted() throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int log = wasm.abi("host_log");
    byte[] module =
        wasm.execute(
                times(1, 201, i32(3), i32(0), i32(limits.logLineBytes() + 1), call(log)), i32(0))
            .build();

    PluginResult result = run(host, module, EngineMode.COMPILED);

    assertThat(result.usage().log()).hasSize(200);
    assertThat(result.usage().logDropped()).isEqualTo(1);
    assertThat(result.usage().log().get(199).text()).hasSize(limits.logLineBytes());
    assertThat(result.usage().log().get(199).level()).isEqualTo(PluginResult.LogLevel.WARN);
  }

  @ParameterizedTest
  @EnumSource
  void anInstanceStartsFreshEachTime(EngineMode mode) throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    int global = wasm.global(1);
    // Writes 1 + global into a digit; a second call on the same state would answer 2.
    byte[] bytes =
        wasm.data(0, "0")
            .execute(
                join(i32(0), i32(0), bytes(0x2d, 0x00, 0x00), bytes(0x23, global), bytes(0x6a)),
                bytes(0x3a, 0x00, 0x00),
                join(i32(2), bytes(0x24, global)),
                join(i32(0), i32(1), call(output)),
                i32(0))
            .build();
    PluginModule module = TestModules.module(bytes, mode);

    assertThat(((Ok) run(host, module)).output()).isEqualTo(1L);
    assertThat(((Ok) run(host, module)).output()).isEqualTo(1L);
  }

  private PluginResult output(byte[] content) throws InterruptedException {
    WasmBuilder wasm = new WasmBuilder().memory(3, 3);
    int output = wasm.abi("host_output");
    byte[] module =
        wasm.data(0, content).execute(i32(0), i32(content.length), call(output), i32(0)).build();
    return run(host, module, EngineMode.COMPILED);
  }

  /** A module whose output is a text in a memory filled with blanks. */
  private static byte[] outputOf(int length, String text, int blanks) {
    WasmBuilder wasm = new WasmBuilder().memory(80, 80);
    int output = wasm.abi("host_output");
    return wasm.execute(
            join(i32(0), i32(' '), i32(blanks + 1), bytes(0xfc, 0x0b, 0x00)),
            join(text(text)),
            join(i32(0), i32(length), call(output)),
            i32(0))
        .build();
  }

  private static byte[] text(String text) {
    byte[][] stores = new byte[text.length()][];
    for (int i = 0; i < text.length(); i++) {
      stores[i] = join(i32(i), i32(text.charAt(i)), bytes(0x3a, 0x00, 0x00));
    }
    return join(stores);
  }

  private static byte[] returning(int code, String text) {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    return wasm.data(0, text).execute(i32(0), i32(text.length()), call(output), i32(code)).build();
  }

  private static PluginCall lowered(Duration timeout, Integer memoryMib) {
    return new PluginCall(
        "900",
        "901",
        "count",
        1,
        "acme",
        Instant.EPOCH,
        TestModules.SEED,
        Map.of(),
        timeout,
        memoryMib);
  }

  private static PluginResult run(PluginHost host, byte[] wasm, EngineMode mode)
      throws InterruptedException {
    return run(host, TestModules.module(wasm, mode));
  }

  private static PluginResult run(PluginHost host, PluginModule module)
      throws InterruptedException {
    return run(host, module, TestModules.call(Map.of("n", 1)));
  }

  private static PluginResult run(PluginHost host, PluginModule module, PluginCall call)
      throws InterruptedException {
    return host.call(module, call, PluginGrants.tenantDefault("acme"), TestModules.host());
  }

  private static void assertCode(PluginResult result, PluginErrorCode code, String... texts) {
    assertThat(result).isInstanceOf(Failed.class);
    Failed failed = (Failed) result;
    assertThat(failed.code()).as(failed.message()).isEqualTo(code);
    for (String text : texts) {
      assertThat(failed.message()).contains(text);
    }
  }
}
