package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.forever;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.text;
import static io.noetl.wasm.WasmBuilder.u32;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Modules that a tenant could send to do harm. Those of {@link #shapes} must be refused by our own
 * decoder, those of {@link #guests} run and must end at the limit they are named after.
 */
final class HostileModules {
  private static final byte[] HEADER = bytes(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

  private HostileModules() {}

  /**
   * @param fault text that the refusal must hold
   */
  record Shape(String name, Supplier<byte[]> module, String fault) {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * @param code how a call of it must end
   */
  record Guest(String name, Supplier<byte[]> module, PluginErrorCode code) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Shape> shapes() {
    List<Shape> all = new ArrayList<>();
    all.add(
        new Shape(
            "a data segment of 30 bytes that claims 2 GiB",
            () ->
                new WasmBuilder()
                    .rawData(join(bytes(0x00), i32(0), bytes(0x0b), u32(0x7fffffffL)))
                    .execute(i32(0))
                    .build(),
            "claims 2147483647 bytes"));
    all.add(
        new Shape(
            "an element segment that claims 2 G entries",
            () ->
                new WasmBuilder()
                    .table(1, 1)
                    .rawElement(join(bytes(0x00), i32(0), bytes(0x0b), u32(0x7fffffffL)))
                    .execute(i32(0))
                    .build(),
            "claims 2147483647 entries"));
    all.add(
        new Shape(
            "a br_table that claims 2 G entries",
            () -> new WasmBuilder().execute(i32(0), bytes(0x0e), u32(0x7fffffffL)).build(),
            "claims 2147483647 entries"));
    for (int id : new int[] {1, 2, 3, 4, 5, 6, 7, 9, 10, 11}) {
      all.add(
          new Shape(
              "section " + id + " with 4 G entries",
              () -> join(HEADER, bytes(id, 5), u32(0xffffffffL)),
              "claims 4294967295 entries"));
      all.add(
          new Shape(
              "section " + id + " with a count of six bytes",
              () -> join(HEADER, bytes(id, 6, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00)),
              "longer than 5 bytes"));
    }
    all.add(
        new Shape(
            "4 G locals",
            () -> {
              WasmBuilder wasm = new WasmBuilder();
              wasm.rawFunction(
                  wasm.type(0, 0), join(bytes(1), u32(0xffffffffL), bytes(0x7f, 0x0b)));
              return wasm.execute(i32(0)).build();
            },
            "plugin.locals"));
    all.add(
        new Shape(
            "a function of 1.2 MB",
            () -> {
              byte[] nops = new byte[1_200_000];
              Arrays.fill(nops, (byte) 0x01);
              return new WasmBuilder().execute(nops, i32(0)).build();
            },
            "plugin.function-bytes"));
    all.add(
        new Shape(
            "50 000 functions",
            () -> {
              WasmBuilder wasm = new WasmBuilder();
              int type = wasm.type(0, 0);
              for (int i = 0; i < 50_000; i++) {
                wasm.function(type, 0);
              }
              return wasm.execute(i32(0)).build();
            },
            "plugin.functions"));
    all.add(
        new Shape(
            "a br_table of 100 000 entries",
            () ->
                new WasmBuilder()
                    .execute(i32(0), bytes(0x0e), u32(100_000), new byte[100_001])
                    .build(),
            "plugin.branch-table"));
    all.add(
        new Shape(
            "30 000 nested blocks",
            () -> {
              byte[] open = new byte[60_000];
              for (int i = 0; i < open.length; i += 2) {
                open[i] = 0x02;
                open[i + 1] = 0x40;
              }
              return new WasmBuilder().execute(open).build();
            },
            "plugin.nesting"));
    all.add(
        new Shape(
            "10 000 types",
            () -> {
              WasmBuilder wasm = new WasmBuilder();
              for (int i = 0; i < 10_000; i++) {
                wasm.type(1, 1);
              }
              return wasm.execute(i32(0)).build();
            },
            "plugin.types"));
    all.add(
        new Shape(
            "a data segment of 64 MB",
            () -> new WasmBuilder().data(0, new byte[64 << 20]).execute(i32(0)).build(),
            "plugin.module-bytes"));
    all.add(
        new Shape(
            "a custom section of 5 MiB",
            () -> new WasmBuilder().section(0, join(text("x"), new byte[5 << 20])).build(),
            "plugin.module-bytes"));
    all.add(
        new Shape(
            "a custom section of 2 MiB",
            () ->
                new WasmBuilder()
                    .execute(i32(0))
                    .section(0, join(text("x"), new byte[2 << 20]))
                    .build(),
            "plugin.custom-bytes"));
    all.add(
        new Shape(
            "a component",
            () -> bytes(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00),
            "components"));
    all.add(new Shape("64-bit memory", () -> memory(bytes(0x04, 1)), "64-bit"));
    all.add(new Shape("shared memory", () -> memory(bytes(0x03, 1, 1)), "shared"));
    all.add(
        new Shape(
            "a memory of 4 GiB", () -> memory(join(bytes(0x00), u32(65_536))), "memory-pages"));
    all.add(
        new Shape(
            "two memories", () -> join(HEADER, bytes(5, 5, 2, 0, 1, 0, 1)), "exactly one memory"));
    all.add(
        new Shape(
            "no memory",
            () -> new WasmBuilder().rawMemory(bytes()).execute(i32(0)).build(),
            "exactly one memory"));
    all.add(
        new Shape(
            "a hidden memory",
            () -> new WasmBuilder().hiddenMemory().execute(i32(0)).build(),
            "memory to be exported"));
    all.add(
        new Shape(
            "an imported memory",
            () ->
                new WasmBuilder()
                    .rawImport(join(text("noetl.v1"), text("memory"), bytes(0x02, 0x00, 1)))
                    .execute(i32(0))
                    .build(),
            "noetl.v1.memory is a memory"));
    all.add(
        new Shape(
            "a table of ten million",
            () ->
                new WasmBuilder()
                    .rawTable(join(bytes(0x70, 0x00), u32(10_000_000)))
                    .execute(i32(0))
                    .build(),
            "plugin.table-elements"));
    all.add(
        new Shape(
            "200 tables of a million",
            () -> {
              WasmBuilder wasm = new WasmBuilder();
              for (int i = 0; i < 200; i++) {
                wasm.table(1_000_000, 1_000_000);
              }
              return wasm.execute(i32(0)).build();
            },
            "table"));
    all.add(
        new Shape(
            "a start section",
            () -> new WasmBuilder().execute(i32(0)).section(8, bytes(0)).build(),
            "out of order"));
    all.add(
        new Shape(
            "a start section in its place", () -> join(HEADER, bytes(8, 1, 0)), "_initialize"));
    all.add(
        new Shape(
            "a tag section",
            () -> new WasmBuilder().execute(i32(0)).section(13, bytes(0)).build(),
            "exceptions"));
    all.add(
        new Shape(
            "an import of two ABIs, of the environment and of a wrong signature",
            () -> {
              WasmBuilder wasm = new WasmBuilder();
              wasm.importFunction("noetl.v1", "host_log", wasm.type(3, 0));
              wasm.importFunction("noetl.v2", "host_log", wasm.type(3, 0));
              wasm.importFunction("env", "abort", wasm.type(4, 0));
              wasm.importFunction("noetl.v1", "host_input", wasm.type(1, 1));
              return wasm.execute(i32(0)).build();
            },
            "noetl.v2.host_log"));
    all.add(
        new Shape(
            "an export of the fuel",
            () -> new WasmBuilder().export("noetl_fuel", 3, 0).execute(i32(0)).build(),
            "the host's own name"));
    all.add(
        new Shape(
            "code that gives itself fuel",
            () ->
                new WasmBuilder()
                    .execute(bytes(0x42), bytes(0xff, 0xff, 0xff, 0x07), bytes(0x24, 0x00), i32(0))
                    .build(),
            "expected a global below 0, but got 0"));
    all.add(
        new Shape(
            "an export of the global that the meter will add",
            () -> new WasmBuilder().export("g", 3, 0).execute(i32(0)).build(),
            "global 0 of 0"));
    return all;
  }

  private static byte[] memory(byte[] entry) {
    return new WasmBuilder().rawMemory(entry).execute(i32(0)).build();
  }

  static List<Guest> guests() {
    List<Guest> all = new ArrayList<>();
    all.add(guest("an endless loop of br", PluginErrorCode.PLUGIN_FUEL, forever()));
    all.add(
        guest(
            "an endless loop of br_if",
            PluginErrorCode.PLUGIN_FUEL,
            join(bytes(0x03, 0x40), i32(1), bytes(0x0d, 0x00, 0x0b)),
            i32(0)));
    all.add(
        guest(
            "an endless loop of br_table",
            PluginErrorCode.PLUGIN_FUEL,
            join(bytes(0x03, 0x40), i32(9), bytes(0x0e, 0x01, 0x00, 0x00, 0x0b)),
            i32(0)));
    all.add(guest("endless recursion", PluginErrorCode.PLUGIN_TRAP, join(get(0), call(0))));
    all.add(
        new Guest(
            "endless recursion through the table",
            () -> {
              WasmBuilder wasm = new WasmBuilder().table(2, 2);
              int type = wasm.type(1, 1);
              int a = wasm.function(type, 0, get(0), i32(1), bytes(0x11), u32(type), bytes(0x00));
              int b = wasm.function(type, 0, get(0), i32(0), bytes(0x11), u32(type), bytes(0x00));
              return wasm.element(0, a, b).execute(get(0), call(a)).build();
            },
            PluginErrorCode.PLUGIN_TRAP));
    all.add(
        new Guest(
            "an initialiser that never ends",
            () -> {
              WasmBuilder wasm = new WasmBuilder();
              int init = wasm.function(wasm.type(0, 0), 0, forever());
              return wasm.exportFunction("_initialize", init).execute(i32(0)).build();
            },
            PluginErrorCode.PLUGIN_FUEL));
    all.add(
        new Guest(
            "a loop of memory.fill over 16 MiB",
            () ->
                new WasmBuilder()
                    .memory(256, 256)
                    .execute(forever(i32(0), i32(1), i32(256 << 16), bytes(0xfc, 0x0b, 0x00)))
                    .build(),
            PluginErrorCode.PLUGIN_FUEL));
    all.add(
        new Guest(
            "a loop of memory.copy over 8 MiB",
            () ->
                new WasmBuilder()
                    .memory(256, 256)
                    .execute(
                        forever(i32(0), i32(128 << 16), i32(128 << 16), bytes(0xfc, 0x0a, 0, 0)))
                    .build(),
            PluginErrorCode.PLUGIN_FUEL));
    all.add(
        new Guest(
            "a loop of table.fill",
            () ->
                new WasmBuilder()
                    .table(10_000, 10_000)
                    .execute(forever(i32(0), bytes(0xd0, 0x70), i32(10_000), bytes(0xfc, 0x11, 0)))
                    .build(),
            PluginErrorCode.PLUGIN_FUEL));
    all.add(
        new Guest(
            "a loop of table.grow",
            () ->
                new WasmBuilder()
                    .table(1, 1_000_000)
                    .execute(forever(bytes(0xd0, 0x70), i32(1), bytes(0xfc, 0x0f, 0), drop()))
                    .build(),
            PluginErrorCode.PLUGIN_FUEL));
    all.add(
        guest(
            "a loop of memory.grow",
            PluginErrorCode.PLUGIN_FUEL,
            forever(i32(1), bytes(0x40, 0x00), drop())));
    all.add(
        new Guest(
            "a loop of host_log",
            () -> {
              WasmBuilder wasm = new WasmBuilder();
              int log = wasm.abi("host_log");
              return wasm.execute(forever(i32(1), i32(0), i32(4_096), call(log))).build();
            },
            PluginErrorCode.PLUGIN_FUEL));
    all.add(
        new Guest(
            "a loop of host_output of 4 MiB",
            () -> {
              WasmBuilder wasm = new WasmBuilder().memory(64, 64);
              int output = wasm.abi("host_output");
              return wasm.execute(forever(i32(0), i32(4 << 20), call(output))).build();
            },
            PluginErrorCode.PLUGIN_FUEL));
    all.add(
        new Guest(
            "a loop of host calls",
            () -> {
              WasmBuilder wasm = new WasmBuilder();
              int put = wasm.abi("host_put_event");
              return wasm.execute(forever(i32(0), i32(0), call(put), drop())).build();
            },
            PluginErrorCode.PLUGIN_TRAP));
    all.add(
        guest(
            "a load with an offset past 4 GiB",
            PluginErrorCode.PLUGIN_TRAP,
            i32(-1),
            join(bytes(0x28, 0x02), u32(0xffffffffL))));
    all.add(
        guest(
            "a store one past the end",
            PluginErrorCode.PLUGIN_TRAP,
            join(i32(65_536), i32(1), bytes(0x3a, 0x00, 0x00)),
            i32(0)));
    all.add(
        guest(
            "a fill that wraps around",
            PluginErrorCode.PLUGIN_TRAP,
            join(i32(-1), i32(1), i32(2), bytes(0xfc, 0x0b, 0x00)),
            i32(0)));
    all.add(
        guest(
            "a fill of more than the memory",
            PluginErrorCode.PLUGIN_TRAP,
            join(i32(0), i32(1), i32(65_537), bytes(0xfc, 0x0b, 0x00)),
            i32(0)));
    all.add(
        new Guest(
            "a call of an empty place of the table",
            () -> {
              WasmBuilder wasm = new WasmBuilder().table(4, 4);
              int type = wasm.type(1, 1);
              return wasm.execute(get(0), i32(3), bytes(0x11), u32(type), bytes(0x00)).build();
            },
            PluginErrorCode.PLUGIN_TRAP));
    all.add(
        guest(
            "the quotient of the least number and minus one",
            PluginErrorCode.PLUGIN_TRAP,
            i32(Integer.MIN_VALUE),
            i32(-1),
            bytes(0x6d)));
    all.add(
        guest(
            "a conversion of infinity",
            PluginErrorCode.PLUGIN_TRAP,
            bytes(0x43, 0x00, 0x00, 0x80, 0x7f),
            bytes(0xa8)));
    all.add(guest("no output", PluginErrorCode.PLUGIN_OUTPUT, i32(0)));
    all.add(guest("an unknown return value", PluginErrorCode.PLUGIN_FAILED, i32(77)));
    all.add(
        new Guest(
            "an output of 100 000 brackets",
            () -> {
              WasmBuilder wasm = new WasmBuilder().memory(2, 2);
              int output = wasm.abi("host_output");
              return wasm.execute(
                      join(i32(0), i32('['), i32(100_000), bytes(0xfc, 0x0b, 0x00)),
                      join(i32(0), i32(100_000), call(output)),
                      i32(0))
                  .build();
            },
            PluginErrorCode.PLUGIN_OUTPUT));
    for (String name : List.of("host_input", "host_output", "host_reply", "host_log")) {
      all.add(
          new Guest(
              name + " with pointer and length that overflow together",
              () -> HostCallModules.calling(name, -1, -1),
              PluginErrorCode.PLUGIN_TRAP));
      all.add(
          new Guest(
              name + " with a length of 2 GiB",
              () -> HostCallModules.calling(name, 1, Integer.MIN_VALUE),
              PluginErrorCode.PLUGIN_TRAP));
    }
    return all;
  }

  private static Guest guest(String name, PluginErrorCode code, byte[]... instructions) {
    return new Guest(name, () -> new WasmBuilder().execute(instructions).build(), code);
  }
}
