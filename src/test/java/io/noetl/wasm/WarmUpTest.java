package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The modules of the warm-up are bytes in the source; here is what they are made of. */
final class WarmUpTest {
  @Test
  void importsAndOverflowIsWhatItSays() {
    WasmBuilder wasm = new WasmBuilder();
    int input = wasm.abi("host_input");
    int output = wasm.abi("host_output");
    int reply = wasm.abi("host_reply");
    int log = wasm.abi("host_log");
    int put = wasm.abi("host_put_event");
    byte[] module =
        wasm.execute(
                join(i32(0), i32(1024), call(input), drop()),
                join(i32(2), i32(0), i32(16), call(log)),
                join(i32(0), i32(16), call(put), drop()),
                join(i32(1024), i32(1024), call(reply), drop()),
                join(i32(0), get(0), call(output)),
                join(get(0), call(5)))
            .build();

    assertHex(WarmUp.IMPORTS_AND_OVERFLOW, module);
  }

  @Test
  void wrongPointerIsWhatItSays() {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    byte[] module = wasm.execute(i32(-1), i32(-1), call(output), i32(0)).build();

    assertHex(WarmUp.WRONG_POINTER, module);
  }

  @Test
  void echoIsWhatItSays() {
    assertHex(WarmUp.ECHO, TestModules.echo());
  }

  @Test
  void everyModeRunsTheWarmUp() {
    assertThatCode(() -> WarmUp.run(TestModules.limits(), new EndiveEngine()))
        .doesNotThrowAnyException();
  }

  private static void assertHex(String source, byte[] module) {
    assertThat(source.replace("\n", "")).isEqualTo(HexFormat.of().formatHex(module));
  }
}
