package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.text;
import static io.noetl.wasm.WasmBuilder.u32;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginInspection.Export;
import io.noetl.wasm.PluginInspection.Import;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Admission: our own decoder, before the engine sees a byte. */
final class PluginInspectorTest {
  private final PluginLimits limits = TestModules.limits();
  private final PluginInspector inspector = new PluginInspector(limits);

  @Test
  void admitsAGoodModuleAndSaysWhatItWants() {
    PluginInspection inspection = inspector.inspect(TestModules.echo());

    assertThat(inspection.faults()).isEmpty();
    assertThat(inspection.imports())
        .containsExactly(
            new Import("noetl.v1", "host_input", "(i32, i32) -> i32"),
            new Import("noetl.v1", "host_output", "(i32, i32) -> ()"));
    assertThat(inspection.exports())
        .containsExactly(new Export("execute", "(i32) -> i32"), new Export("memory", "memory"));
    assertThat(inspection.memoryPages()).isEqualTo(1);
    assertThat(inspection.digest()).matches("[0-9a-f]{64}");
  }

  @Test
  void refusesWhatIsNoCoreModule() {
    byte[] component = bytes(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00);

    refuses(bytes(), "module section at 0x0: expected the magic number");
    refuses(bytes(0x00, 0x61), "module section at 0x2: expected the magic number");
    refuses(bytes(0x7f, 'E', 'L', 'F'), "expected the magic number");
    refuses(bytes(0x00, 0x61, 0x73, 0x6d, 1, 0, 0), "expected version 1");
    refuses(component, "components are not admitted");
  }

  @Test
  void refusesAModuleOverTheSizeLimitBeforeReadingIt() {
    refuses(new byte[limits.module().bytes() + 1], "plugin.module-bytes");
  }

  @Test
  void refusesASmallFileThatClaimsTwoGibibytes() {
    byte[] claim = join(bytes(0x00), i32(0), bytes(0x0b), u32(0x7fffffffL));

    refuses(new WasmBuilder().rawData(claim).execute(i32(0)).build(), "claims 2147483647 bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11})
  void refusesAHugeCountInEverySection(int id) {
    byte[] content = u32(0xffffffffL);
    byte[] module =
        join(bytes(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, id), u32(content.length), content);

    refuses(module, "claims 4294967295 entries, but 0 bytes are left");
  }

  @Test
  void refusesNumbersOfSixBytesOrMoreThan32Bits() {
    byte[] header = bytes(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

    refuses(
        join(header, bytes(0x01, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00)),
        "number is longer than 5 bytes or 32 bits");
    refuses(
        join(header, bytes(0x01, 0xff, 0xff, 0xff, 0xff, 0x1f)),
        "number is longer than 5 bytes or 32 bits");
  }

  @Test
  void refusesSectionsOutOfOrderTwiceTruncatedOrUnknown() {
    WasmBuilder wasm = new WasmBuilder();
    byte[] good = wasm.execute(i32(0)).build();

    refuses(new WasmBuilder().execute(i32(0)).section(1, bytes(0)).build(), "out of order");
    refuses(new WasmBuilder().execute(i32(0)).section(10, bytes(0)).build(), "appears twice");
    refuses(new WasmBuilder().execute(i32(0)).section(14, bytes(0)).build(), "number 14");
    refuses(new WasmBuilder().execute(i32(0)).section(13, bytes(0)).build(), "exceptions");
    for (int length = 8; length < good.length; length++) {
      assertThat(inspector.inspect(Arrays.copyOf(good, length)).admitted())
          .as("truncated to %d", length)
          .isFalse();
    }
  }

  @Test
  void refusesAStartFunctionAndBytesLeftOver() {
    byte[] header = bytes(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

    refuses(join(header, bytes(0x08, 0x01, 0x00)), "export _initialize instead");
    refuses(join(header, bytes(0x01, 0x02, 0x00, 0x00)), "1 bytes are left over");
  }

  @Test
  void refusesEveryOtherMemoryThanOneOfItsOwn() {
    refuses(new WasmBuilder().rawMemory(bytes()).execute(i32(0)).build(), "exactly one memory");
    refuses(new WasmBuilder().hiddenMemory().execute(i32(0)).build(), "memory to be exported");
    refuses(memory(bytes(0x03, 1, 1)), "shared or 64-bit");
    refuses(memory(bytes(0x04, 1)), "shared or 64-bit");
    refuses(memory(join(bytes(0x00), u32(257))), "plugin.memory-pages");
    refuses(memory(bytes(0x01, 2, 1)), "maximum is below");
    refuses(
        new WasmBuilder()
            .rawImport(join(text("noetl.v1"), text("memory"), bytes(0x02, 0x00, 1)))
            .execute(i32(0))
            .build(),
        "noetl.v1.memory is a memory");
    assertThat(inspector.inspect(memory(join(bytes(0x00), u32(256)))).faults()).isEmpty();
  }

  @Test
  void namesEveryWrongImportAtOnce() {
    WasmBuilder wasm = new WasmBuilder();
    wasm.importFunction("env", "abort", wasm.type(1, 0));
    wasm.importFunction("noetl.v1", "host_exec", wasm.type(2, 1));
    wasm.importFunction("noetl.v2", "host_log", wasm.type(3, 0));
    wasm.importFunction("noetl.v1", "host_log", wasm.type(2, 1));

    PluginInspection inspection = inspector.inspect(wasm.execute(i32(0)).build());

    assertThat(inspection.faults()).hasSize(4);
    assertThat(inspection.faultText())
        .contains("env.abort is not a function of noetl.v1")
        .contains("noetl.v1.host_exec is not a function of noetl.v1")
        .contains("noetl.v2.host_log is not a function of noetl.v1")
        .contains("expected noetl.v1.host_log as (i32, i32, i32) -> (), but got (i32, i32) -> i32");
  }

  @Test
  void refusesWrongExports() {
    WasmBuilder missing = new WasmBuilder();
    missing.exportFunction("run", missing.function(missing.type(1, 1), 0, i32(0)));
    WasmBuilder wrong = new WasmBuilder();
    wrong.exportFunction("execute", wrong.function(wrong.type(2, 1), 0, i32(0)));
    WasmBuilder global = new WasmBuilder();
    int index = global.global(0);

    refuses(missing.build(), "expected execute as (i32) -> i32, but it is missing");
    refuses(wrong.build(), "expected execute as (i32) -> i32, but got (i32, i32) -> i32");
    refuses(global.export("g", 3, index).execute(i32(0)).build(), "g exports a mutable global");
    refuses(
        new WasmBuilder().export("noetl_fuel", 3, 0).execute(i32(0)).build(),
        "the host's own name");
    refuses(new WasmBuilder().export("t", 1, 0).execute(i32(0)).build(), "table 0 of 0");
    refuses(new WasmBuilder().export("f", 0, 9).execute(i32(0)).build(), "function 9 of 1");
    refuses(new WasmBuilder().execute(i32(0)).execute(i32(0)).build(), "execute is exported twice");
  }

  @Test
  void refusesTypesOutsideTheAdmittedSet() {
    refuses(typed(0x5f, 0x00, 0x00), "a function type");
    refuses(typed(0x60, 0x01, 0x7b, 0x00), "value type 0x7b");
    refuses(typed(0x60, 0x01, 0x6f, 0x00), "value type 0x6f");
    refuses(typed(0x60, 0x00, 0x02, 0x7f, 0x7f), "several results");
  }

  @Test
  void refusesTooManyOrTooLargeParts() {
    WasmBuilder types = new WasmBuilder();
    for (int i = 0; i <= limits.module().types(); i++) {
      types.type(1, 1);
    }
    WasmBuilder functions = new WasmBuilder();
    int type = functions.type(0, 0);
    for (int i = 0; i <= limits.module().functions(); i++) {
      functions.function(type, 0);
    }
    WasmBuilder atLimit = new WasmBuilder();
    atLimit.function(atLimit.type(0, 0), limits.module().locals());
    WasmBuilder locals = new WasmBuilder();
    locals.function(locals.type(0, 0), limits.module().locals() + 1);
    WasmBuilder large = new WasmBuilder();
    large.function(large.type(0, 0), 0, nops(limits.module().functionBytes() - 1));
    WasmBuilder largest = new WasmBuilder();
    largest.function(largest.type(0, 0), 0, nops(limits.module().functionBytes() - 2));

    refuses(types.execute(i32(0)).build(), "plugin.types");
    refuses(functions.execute(i32(0)).build(), "plugin.functions");
    refuses(locals.execute(i32(0)).build(), "plugin.locals");
    refuses(large.execute(i32(0)).build(), "plugin.function-bytes");
    assertThat(inspector.inspect(atLimit.execute(i32(0)).build()).faults()).isEmpty();
    assertThat(inspector.inspect(largest.execute(i32(0)).build()).faults()).isEmpty();
  }

  @Test
  void reportsFaultsOfSeveralSectionsAtOnceAndStopsCountingAtSomePoint() {
    WasmBuilder several = new WasmBuilder().rawMemory(bytes(0x04, 1));
    several.importFunction("env", "abort", several.type(1, 0));
    WasmBuilder many = new WasmBuilder();
    int type = many.type(0, 0);
    for (int i = 0; i < 200; i++) {
      many.importFunction("env", "f" + i, type);
    }

    assertThat(inspector.inspect(several.execute(i32(0)).build()).faultText())
        .contains("import section at", "memory section at");
    assertThat(inspector.inspect(many.execute(i32(0)).build()).faults())
        .hasSize(Faults.MOST + 1)
        .last()
        .satisfies(fault -> assertThat(fault.message()).isEqualTo("150 further faults"));
  }

  @Test
  void mutatedModulesAreAdmittedOrRefusedButNeverBreakTheDecoderNorTheEngine() throws Exception {
    long seed = 20260101L;
    SplittableRandom random = new SplittableRandom(seed);
    byte[] good = BundledPluginTest.bytes("upper");
    PluginModules modules = new PluginModules(limits, PluginCompiler.inProcess());
    int admitted = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] mutated = good.clone();
      int changes = 1 + random.nextInt(3);
      for (int c = 0; c < changes; c++) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      PluginInspection inspection = inspector.inspect(mutated);
      if (inspection.admitted() && admitted++ % 10 == 0) {
        assertThat(
                modules.load(
                    "fuzz/" + i, 1, inspection.digest(), EngineMode.INTERPRETED, () -> mutated))
            .as("seed %d, module %d", seed, i)
            .isNotNull();
      }
    }
    assertThat(admitted).isPositive();
  }

  private void refuses(byte[] module, String message) {
    PluginInspection inspection = inspector.inspect(module);

    assertThat(inspection.admitted()).isFalse();
    assertThat(inspection.faultText()).contains(message);
  }

  private static byte[] memory(byte[] entry) {
    return new WasmBuilder().rawMemory(entry).execute(i32(0)).build();
  }

  private static byte[] typed(int... entry) {
    byte[] content = join(bytes(1), bytes(entry));
    return join(bytes(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1), u32(content.length), content);
  }

  private static byte[] nops(int count) {
    byte[] nops = new byte[count];
    Arrays.fill(nops, (byte) 0x01);
    return nops;
  }
}
