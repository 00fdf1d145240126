package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;

/** Modules for tests of other packages. */
public final class AskingPlugin {
  private AskingPlugin() {}

  /** Asks one capability once and outputs the reply, or the detail of the error. */
  public static byte[] of(String capability, String request) {
    WasmBuilder wasm = new WasmBuilder().memory(20, 20);
    int ask = wasm.abi(capability);
    int reply = wasm.abi("host_reply");
    int output = wasm.abi("host_output");
    return wasm.data(0, request)
        .execute(
            join(i32(0), i32(request.length()), call(ask), drop()),
            join(i32(65_536), i32(1_000_000), call(reply), bytes(0x21, 1)),
            join(i32(65_536), get(1), call(output), i32(0)))
        .build();
  }

  /** Never ends by itself. */
  public static byte[] endless() {
    return new WasmBuilder().execute(WasmBuilder.forever()).build();
  }
}
