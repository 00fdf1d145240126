package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.get;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;
import static io.noetl.wasm.WasmBuilder.set;
import static io.noetl.wasm.WasmBuilder.u32;

import java.util.SplittableRandom;

/** Programs of random structure that count what they execute. They always end. */
final class RandomPrograms {
  private static final int LOCALS = 24;

  private final SplittableRandom random;
  private final int counter;
  private final int[] helpers = new int[3];
  private int loops;
  private int budget = 60;

  private RandomPrograms(SplittableRandom random, int counter) {
    this.random = random;
    this.counter = counter;
  }

  /** Outputs how many statements, of four instructions each, were executed. */
  static byte[] counting(SplittableRandom random) {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    int counter = wasm.global(0);
    RandomPrograms program = new RandomPrograms(random, counter);
    int nothing = wasm.type(0, 0);
    // One that callers pay for, one that pays by itself, one that loops and leaves early.
    program.helpers[0] = wasm.function(nothing, 0, program.count());
    program.helpers[1] =
        wasm.function(nothing, 0, program.count(), call(program.helpers[0]), program.count());
    program.helpers[2] =
        wasm.function(
            nothing,
            1,
            WasmBuilder.times(
                0,
                4,
                program.count(),
                join(program.condition(), bytes(0x04, 0x40, 0x0f, 0x0b)),
                call(program.helpers[1])));
    byte[] body = program.sequence(0, 0);
    int run = wasm.function(wasm.type(0, 0), LOCALS, join(bytes(0x02, 0x40), body, bytes(0x0b)));
    // Digits are written backwards from 40; local 1 is what is left, local 2 the place.
    byte[] digits =
        join(
            join(bytes(0x23), u32(counter), set(1), i32(40), set(2)),
            bytes(0x03, 0x40),
            join(get(2), i32(1), bytes(0x6b), set(2)),
            join(get(2), get(1), i32(10), bytes(0x70), i32('0'), bytes(0x6a, 0x3a, 0x00, 0x00)),
            join(get(1), i32(10), bytes(0x6e, 0x22), u32(1), bytes(0x0d, 0x00, 0x0b)));
    return wasm.execute(
            call(run), digits, join(get(2), i32(40), get(2), bytes(0x6b), call(output)), i32(0))
        .build();
  }

  /**
   * @param depth labels around, the outermost block not counted
   * @param loop rounds multiply, so deep loops are few
   */
  private byte[] sequence(int depth, int loop) {
    byte[] all = new byte[0];
    int length = 1 + random.nextInt(5);
    for (int i = 0; i < length && budget-- > 0; i++) {
      all = join(all, statement(depth, loop));
    }
    return join(all, count());
  }

  private byte[] statement(int depth, int loop) {
    return switch (random.nextInt(depth < 5 ? 11 : 3)) {
      case 0, 1 -> count();
      // Only outwards past blocks that are no loops: everything ends.
      case 2 -> join(condition(), bytes(0x0d), u32(depth));
      case 3 -> join(bytes(0x02, 0x40), sequence(depth + 1, loop), bytes(0x0b));
      case 4 -> join(condition(), bytes(0x04, 0x40), sequence(depth + 1, loop), bytes(0x0b));
      case 5 ->
          join(
              condition(),
              bytes(0x04, 0x40),
              sequence(depth + 1, loop),
              bytes(0x05),
              sequence(depth + 1, loop),
              bytes(0x0b));
      case 6 -> switching(depth, loop);
      case 7 -> call(helpers[random.nextInt(helpers.length)]);
      // Out of the function: by a return, and by a branch to its own label.
      case 8 -> join(condition(), condition(), bytes(0x71, 0x04, 0x40, 0x0f, 0x0b));
      case 9 -> join(condition(), condition(), bytes(0x71, 0x0d), u32(depth + 1));
      default -> loop < 3 && loops < LOCALS - 1 ? rounds(depth, loop) : count();
    };
  }

  /** {@code block block br_table end … end …} */
  private byte[] switching(int depth, int loop) {
    return join(
        bytes(0x02, 0x40, 0x02, 0x40),
        join(number(), bytes(0x0e, 0x02, 0x00, 0x01), u32(depth + 2)),
        bytes(0x0b),
        sequence(depth + 1, loop),
        random.nextBoolean() ? bytes(0x0c, 0x00) : bytes(),
        bytes(0x0b),
        sequence(depth, loop));
  }

  private byte[] rounds(int depth, int loop) {
    int local = loops++;
    return join(
        join(i32(1 + random.nextInt(6)), set(local)),
        bytes(0x03, 0x40),
        sequence(depth + 1, loop + 1),
        join(get(local), i32(1), bytes(0x6b, 0x22), u32(local), bytes(0x0d, 0x00)),
        bytes(0x0b));
  }

  private byte[] count() {
    return join(bytes(0x23), u32(counter), i32(1), bytes(0x6a, 0x24), u32(counter));
  }

  private byte[] condition() {
    return join(number(), i32(1), bytes(0x71));
  }

  /** Depends on what was executed so far, so that branches go both ways. */
  private byte[] number() {
    return join(
        bytes(0x23), u32(counter), i32(random.nextInt(7)), bytes(0x6a), i32(3), bytes(0x70));
  }
}
