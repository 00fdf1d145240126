package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginResult.Ok;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Branches by a comparison decide as the interpreter does. */
@ExtendWith(GuestThreads.class)
final class ShortBranchesTest {
  /** Opcodes of comparisons of two numbers of 32 bits, by what they find about 0 and about 1. */
  @ParameterizedTest(name = "0x{0}")
  @CsvSource({
    "46, eq",
    "47, ne",
    "48, lt_s",
    "49, lt_u",
    "4a, gt_s",
    "4b, gt_u",
    "4c, le_s",
    "4d, le_u",
    "4e, ge_s",
    "4f, ge_u"
  })
  void everyComparisonBranchesCompiledAsInterpreted(String opcode, String name) throws Exception {
    int comparison = Integer.parseInt(opcode, 16);
    int[] numbers = {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE};
    for (int left : numbers) {
      for (int right : numbers) {
        byte[] compare = join(i32(left), i32(right), bytes(comparison));
        assertThat(answer(compare, EngineMode.COMPILED))
            .as("%d %s %d", left, name, right)
            .isEqualTo(answer(compare, EngineMode.INTERPRETED));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "-1"})
  void noughtBranchesCompiledAsInterpreted(int number) throws Exception {
    byte[] isNought = join(i32(number), bytes(0x45));

    assertThat(answer(isNought, EngineMode.COMPILED))
        .isEqualTo(answer(isNought, EngineMode.INTERPRETED))
        .isEqualTo(number == 0 ? 7L : 8L);
  }

  /** 7 or 8: a digit, put together from an if, a br_if, and a br_if by the opposite. */
  private static Object answer(byte[] condition, EngineMode mode) throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    byte[] module =
        wasm.execute(
                join(condition, bytes(0x04, 0x7f), i32('7'), bytes(0x05), i32('8'), bytes(0x0b)),
                WasmBuilder.set(1),
                join(bytes(0x02, 0x40), condition, bytes(0x0d, 0x00), i32('8'), WasmBuilder.set(1)),
                bytes(0x0b),
                join(bytes(0x02, 0x40), condition, bytes(0x45, 0x0d, 0x00)),
                join(get(1), WasmBuilder.set(1), bytes(0x0b)),
                join(i32(8), get(1), bytes(0x3a, 0x00, 0x00)),
                join(i32(8), i32(1), call(output), i32(0)))
            .build();
    PluginResult result =
        new PluginHost(TestModules.limits(), new EndiveEngine())
            .call(
                TestModules.module(module, mode),
                TestModules.call(Map.of()),
                PluginGrants.tenantDefault("acme"),
                TestModules.host());
    assertThat(result).isInstanceOf(Ok.class);
    return String.valueOf(((Ok) result).output()).equals("7") ? 7L : 8L;
  }
}
