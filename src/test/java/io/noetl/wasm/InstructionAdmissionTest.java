package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.text;
import static io.noetl.wasm.WasmBuilder.u32;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Admission of what is inside functions: features, indexes, nesting, and every limit's edge. */
final class InstructionAdmissionTest {
  private final PluginLimits limits = TestModules.limits();
  private final ModuleLimits own = limits.module();
  private final PluginInspector inspector = new PluginInspector(limits);

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("try", bytes(0x06, 0x40, 0x0b), "exceptions"),
        Arguments.of("try_table", bytes(0x1f, 0x40, 0x00, 0x0b), "exceptions"),
        Arguments.of("throw", bytes(0x08, 0x00), "exceptions"),
        Arguments.of("rethrow", bytes(0x09, 0x00), "exceptions"),
        Arguments.of("throw_ref", bytes(0x0a), "exceptions"),
        Arguments.of("catch_all", bytes(0x19), "exceptions"),
        Arguments.of("return_call", bytes(0x12, 0x00), "tail calls"),
        Arguments.of("return_call_indirect", bytes(0x13, 0x00, 0x00), "tail calls"),
        Arguments.of("return_call_ref", bytes(0x15, 0x00), "tail calls"),
        Arguments.of("call_ref", bytes(0x14, 0x00), "typed references"),
        Arguments.of("br_on_null", bytes(0xd5, 0x00), "typed references"),
        Arguments.of("ref.as_non_null", bytes(0xd4), "typed references"),
        Arguments.of("typed select", bytes(0x1c, 0x01, 0x70), "typed references"),
        Arguments.of("ref.null extern", bytes(0xd0, 0x6f), "expected funcref"),
        Arguments.of("struct.new", bytes(0xfb, 0x00, 0x00), "garbage-collected"),
        Arguments.of("v128.load", bytes(0xfd, 0x00, 0x00, 0x00), "SIMD"),
        Arguments.of("atomic.fence", bytes(0xfe, 0x03, 0x00), "threads and atomics"),
        Arguments.of("unknown", bytes(0xff), "instruction 0xff is unknown"),
        Arguments.of("unknown bulk", bytes(0xfc, 0x12), "instruction 0xfc 0x12 is unknown"),
        Arguments.of("wide bulk", bytes(0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f), "is unknown"),
        Arguments.of("block of a type", bytes(0x02, 0x00, 0x0b), "several values"),
        Arguments.of("second memory", join(i32(0), bytes(0x28, 0x42, 0x00, 0x00)), "memories"),
        Arguments.of("memory.size 1", bytes(0x3f, 0x01), "memory 0"),
        Arguments.of("memory.fill 1", bytes(0xfc, 0x0b, 0x01), "memory 0"),
        Arguments.of("else alone", bytes(0x05), "else without if"),
        Arguments.of("label 1", bytes(0x0c, 0x01), "expected a label below 1, but got 1"),
        Arguments.of("local 4", get(4), "expected a local below 4, but got 4"),
        Arguments.of("function 1", call(1), "expected a function below 1, but got 1"),
        Arguments.of("type 9", bytes(0x11, 0x09, 0x00), "expected a type below 1"),
        Arguments.of("no table", bytes(0x11, 0x00, 0x00), "expected a table below 0"),
        Arguments.of("the fuel", bytes(0x23, 0x00), "expected a global below 0, but got 0"),
        Arguments.of("fuel set", join(bytes(0x42, 0, 0x24, 0x00)), "expected a global below 0"),
        Arguments.of("data", join(bytes(0xfc, 0x09), u32(0)), "data count"),
        Arguments.of("element", join(bytes(0xfc, 0x0d), u32(0)), "element segment below 0"),
        Arguments.of("long number", bytes(0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00), "32 bits"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String name, byte[] instruction, String message) {
    PluginInspection inspection =
        inspector.inspect(new WasmBuilder().execute(instruction, i32(0)).build());

    assertThat(inspection.faults()).hasSize(1);
    assertThat(inspection.faultText()).startsWith("code section at 0x").contains(message);
  }

  @Test
  void referencesMayLiveInTheTableOnly() {
    WasmBuilder parameter = new WasmBuilder();
    parameter.rawFunction(parameter.type(0, 0), bytes(1, 1, 0x70, 0x0b));
    byte[] external = new WasmBuilder().rawTable(bytes(0x6f, 0x00, 1)).execute(i32(0)).build();

    assertThat(inspector.inspect(parameter.execute(i32(0)).build()).faultText())
        .contains("value type 0x70 is not admitted (a reference outside a table)");
    assertThat(inspector.inspect(external).faultText()).contains("a table of funcref");
    assertThat(inspector.inspect(tableUser()).faults()).isEmpty();
  }

  @Test
  void namesTheFaultsOfEveryFunctionAtOnce() {
    WasmBuilder wasm = new WasmBuilder();
    int type = wasm.type(0, 0);
    wasm.function(type, 0, bytes(0xfd, 0x00));
    wasm.function(type, 0, bytes(0x12, 0x00));
    wasm.function(type, 0);
    wasm.function(type, 0, bytes(0xfe, 0x00));

    assertThat(inspector.inspect(wasm.execute(i32(0)).build()).faultText())
        .contains("function 0: SIMD", "function 1: tail calls", "function 3: threads")
        .doesNotContain("function 2", "function 4");
  }

  @Test
  void nestingPassesAtItsLimitAndNotBeyond() {
    admits(nested(own.nesting()));
    refuses(nested(own.nesting() + 1), "plugin.nesting");
    refuses(nested(100_000 / 3), "plugin.nesting");
  }

  @Test
  void branchTablePassesAtItsLimitAndNotBeyond() {
    admits(branching(own.branchTable()));
    refuses(branching(own.branchTable() + 1), "plugin.branch-table");
    refuses(branching(100_000), "plugin.branch-table");
  }

  @Test
  void localsAreCountedByTheirRuns() {
    WasmBuilder four = new WasmBuilder();
    four.rawFunction(four.type(0, 0), join(bytes(1), u32(0xffffffffL), bytes(0x7f, 0x0b)));
    WasmBuilder runs = new WasmBuilder();
    runs.rawFunction(runs.type(0, 0), join(bytes(2), u32(2_000), bytes(0x7f, 1, 0x7e, 0x0b)));

    refuses(four.execute(i32(0)).build(), "but got 4294967295");
    refuses(runs.execute(i32(0)).build(), "but got 2001");
  }

  @Test
  void customSectionsPassAtTheirLimitAndNotBeyond() {
    int overhead = 1 + u32(own.customBytes()).length + 2;
    byte[] content = join(text("x"), new byte[own.customBytes() - overhead]);

    admits(new WasmBuilder().execute(i32(0)).section(0, content).build());
    refuses(
        new WasmBuilder().execute(i32(0)).section(0, join(content, bytes(0))).build(),
        "plugin.custom-bytes");
  }

  @Test
  void tablesPassAtTheirLimitAndNotBeyond() {
    byte[] million = join(bytes(0x70, 0x00), u32(1_000_000));
    WasmBuilder many = new WasmBuilder();
    for (int i = 0; i < 200; i++) {
      many.rawTable(million);
    }

    admits(new WasmBuilder().table(own.tableElements(), 20_000).execute(i32(0)).build());
    refuses(
        new WasmBuilder().table(own.tableElements() + 1, 20_000).execute(i32(0)).build(),
        "plugin.table-elements");
    refuses(many.execute(i32(0)).build(), "expected at most 1 tables, but got 200");
  }

  @Test
  void theMinorVersionOfTheAbiIsReadNotRun() {
    admits(minor(i32(0)));
    refuses(minor(i32(1)), "the module wants 1");
    refuses(minor(i32(1), i32(1), bytes(0x6a)), "nothing but a constant");
  }

  @Test
  void aConstantExpressionCannotNameTheFuel() {
    byte[] data = join(bytes(0x00, 0x23, 0x00, 0x0b), u32(0));

    refuses(new WasmBuilder().rawData(data).execute(i32(0)).build(), "expected a global below 0");
  }

  @Test
  void elementsMustNameFunctionsThatExist() {
    refuses(
        new WasmBuilder().table(1, 1).element(0, 7).execute(i32(0)).build(),
        "expected a function below 1, but got 7");
  }

  private static byte[] tableUser() {
    return new WasmBuilder()
        .table(1, 5)
        .execute(
            join(i32(0), bytes(0xd2, 0x00, 0x26, 0x00)),
            join(i32(0), bytes(0x25, 0x00, 0xd1), drop()),
            join(bytes(0xd0, 0x70), i32(1), bytes(0xfc, 0x0f, 0x00), drop()),
            join(bytes(0xfc, 0x10, 0x00), drop()),
            i32(0))
        .build();
  }

  private static byte[] minor(byte[]... instructions) {
    WasmBuilder wasm = new WasmBuilder();
    int function = wasm.function(wasm.type(0, 1), 0, instructions);
    return wasm.exportFunction("noetl_min_abi", function).execute(i32(0)).build();
  }

  private static byte[] nested(int depth) {
    byte[] open = new byte[2 * depth];
    byte[] close = new byte[depth];
    for (int i = 0; i < depth; i++) {
      open[2 * i] = 0x02;
      open[2 * i + 1] = 0x40;
      close[i] = 0x0b;
    }
    return new WasmBuilder().execute(open, close, i32(0)).build();
  }

  private static byte[] branching(int entries) {
    return new WasmBuilder()
        .execute(
            bytes(0x02, 0x40),
            join(i32(0), bytes(0x0e), u32(entries), new byte[entries + 1]),
            bytes(0x0b),
            i32(0))
        .build();
  }

  private void admits(byte[] module) {
    assertThat(inspector.inspect(module).faults()).isEmpty();
  }

  private void refuses(byte[] module, String message) {
    assertThat(inspector.inspect(module).faultText()).contains(message);
  }
}
