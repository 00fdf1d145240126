package io.noetl.wasm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Walks the instructions of one function: refuses what is not admitted, counts nesting and branch
 * targets against their limits, and tells a {@link FuelPlan} what the function will cost. The types
 * on the operand stack are the engine's to judge; indexes are judged here, because the module that
 * the engine sees has one global more than its author wrote.
 */
final class BodyReader {
  private static final int EMPTY_BLOCK = 0x40;

  private final ModuleOutline module;
  private final PluginLimits limits;

  BodyReader(ModuleOutline module, PluginLimits limits) {
    this.module = module;
    this.limits = limits;
  }

  /**
   * @param in at the first instruction; its end is the end of the body
   * @param locals parameters and declared locals
   */
  FuelPlan read(ModuleReader in, long locals) {
    FuelPlan plan = new FuelPlan(in.offset());
    Deque<Integer> open = new ArrayDeque<>();
    open.push(Instructions.BLOCK);
    while (!open.isEmpty()) {
      int at = in.offset();
      int opcode = in.u8();
      switch (opcode) {
        case Instructions.BLOCK, Instructions.LOOP, Instructions.IF -> {
          blockType(in);
          if (open.size() > limits.module().nesting()) {
            throw ModuleReader.faultAt(
                at,
                "expected at most "
                    + limits.module().nesting()
                    + " nested blocks (plugin.nesting), but got one more");
          }
          open.push(opcode);
          switch (opcode) {
            case Instructions.LOOP -> plan.loop(in.offset());
            case Instructions.IF -> plan.when(in.offset());
            default -> plan.block();
          }
        }
        case Instructions.ELSE -> {
          if (open.peek() != Instructions.IF) {
            throw ModuleReader.faultAt(at, "else without if");
          }
          open.pop();
          open.push(Instructions.ELSE);
          plan.otherwise(in.offset());
        }
        case Instructions.END -> {
          open.pop();
          plan.end(in.offset());
        }
        case Instructions.BR -> {
          int label = label(in, open.size());
          plan.leave(at, in.offset(), label);
        }
        case Instructions.BR_IF -> {
          int label = label(in, open.size());
          plan.mayLeave(at, in.offset(), label);
        }
        case Instructions.BR_TABLE -> plan.leaveByTable(branchTable(in, open.size()));
        case Instructions.RETURN -> plan.leaveFunction(at, in.offset());
        case Instructions.UNREACHABLE -> plan.trap(at);
        case Instructions.CALL -> {
          int function = below(in, module.functionTypes.size(), "function");
          plan.call(at, in.offset(), function);
        }
        case Instructions.CALL_INDIRECT -> {
          below(in, module.types.size(), "type");
          below(in, module.tables, "table");
          plan.callIndirect(at, in.offset());
        }
        case Instructions.MEMORY_GROW -> {
          in.expect(0, "memory 0");
          plan.grow(at, in.offset(), FuelPlan.Growth.MEMORY);
        }
        case Instructions.PREFIXED -> prefixed(in, at, plan);
        default -> {
          plain(in, at, opcode, locals);
          plan.instruction();
        }
      }
    }
    if (in.remaining() > 0) {
      throw in.fault(in.remaining() + " bytes are left over after the function's end");
    }
    return plan;
  }

  private static void blockType(ModuleReader in) {
    int type = in.u8();
    if (type != EMPTY_BLOCK && !SectionReader.isNumber(type)) {
      throw ModuleReader.faultAt(
          in.offset() - 1,
          "expected a block without a value or with one number, but got type 0x"
              + Integer.toHexString(type)
              + " (blocks of several values are not admitted)");
    }
  }

  private static int label(ModuleReader in, int depth) {
    int at = in.offset();
    long label = in.u32();
    if (label >= depth) {
      throw ModuleReader.faultAt(at, "expected a label below " + depth + ", but got " + label);
    }
    return (int) label;
  }

  private List<Integer> branchTable(ModuleReader in, int depth) {
    int at = in.offset();
    int entries = in.count(1);
    if (entries > limits.module().branchTable()) {
      throw ModuleReader.faultAt(
          at,
          "expected a br_table of at most "
              + limits.module().branchTable()
              + " entries (plugin.branch-table), but got "
              + entries);
    }
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i <= entries; i++) {
      labels.add(label(in, depth));
    }
    return labels;
  }

  private void plain(ModuleReader in, int at, int opcode, long locals) {
    switch (opcode) {
      case Instructions.NOP, Instructions.DROP, Instructions.SELECT, Instructions.REF_IS_NULL -> {}
      case Instructions.REF_FUNC -> below(in, module.functionTypes.size(), "function");
      case Instructions.SELECT_TYPED -> {
        in.expect(1, "one type");
        int type = in.u8();
        if (!SectionReader.isNumber(type)) {
          throw ModuleReader.faultAt(
              in.offset() - 1, "typed references are not admitted (typed select)");
        }
      }
      case Instructions.LOCAL_GET, Instructions.LOCAL_SET, Instructions.LOCAL_TEE ->
          below(in, locals, "local");
      case Instructions.GLOBAL_GET, Instructions.GLOBAL_SET ->
          below(in, module.globals.size(), "global");
      case Instructions.TABLE_GET, Instructions.TABLE_SET -> below(in, module.tables, "table");
      case Instructions.MEMORY_SIZE -> in.expect(0, "memory 0");
      case Instructions.I32_CONST -> in.skipSigned(32);
      case Instructions.I64_CONST -> in.skipSigned(64);
      case Instructions.F32_CONST -> in.skip(4);
      case Instructions.F64_CONST -> in.skip(8);
      case Instructions.REF_NULL -> in.expect(SectionReader.FUNCREF, "funcref");
      default -> {
        if (opcode >= Instructions.FIRST_LOAD && opcode <= Instructions.LAST_STORE) {
          memoryAccess(in);
        } else if (opcode < Instructions.FIRST_NUMERIC || opcode > Instructions.LAST_NUMERIC) {
          throw ModuleReader.faultAt(at, Instructions.refusal(opcode));
        }
      }
    }
  }

  private static void memoryAccess(ModuleReader in) {
    int at = in.offset();
    if (in.u32() > 3) {
      // A flag beside the alignment names another memory.
      throw ModuleReader.faultAt(
          at, "expected an alignment up to 3 (several memories are not admitted)");
    }
    in.u32();
  }

  private void prefixed(ModuleReader in, int at, FuelPlan plan) {
    long number = in.u32();
    if (number <= Instructions.LAST_SATURATING) {
      plan.instruction();
      return;
    }
    switch ((int) Math.min(number, Integer.MAX_VALUE)) {
      case Instructions.MEMORY_INIT -> {
        data(in);
        in.expect(0, "memory 0");
        plan.bulk(at, FuelPlan.BYTES_PER_UNIT);
      }
      case Instructions.DATA_DROP -> {
        data(in);
        plan.instruction();
      }
      case Instructions.MEMORY_COPY -> {
        in.expect(0, "memory 0");
        in.expect(0, "memory 0");
        plan.bulk(at, FuelPlan.BYTES_PER_UNIT);
      }
      case Instructions.MEMORY_FILL -> {
        in.expect(0, "memory 0");
        plan.bulk(at, FuelPlan.BYTES_PER_UNIT);
      }
      case Instructions.TABLE_INIT -> {
        below(in, module.elementSegments, "element segment");
        below(in, module.tables, "table");
        plan.bulk(at, FuelPlan.ELEMENTS_PER_UNIT);
      }
      case Instructions.ELEM_DROP -> {
        below(in, module.elementSegments, "element segment");
        plan.instruction();
      }
      case Instructions.TABLE_COPY -> {
        below(in, module.tables, "table");
        below(in, module.tables, "table");
        plan.bulk(at, FuelPlan.ELEMENTS_PER_UNIT);
      }
      case Instructions.TABLE_GROW -> {
        below(in, module.tables, "table");
        plan.grow(at, in.offset(), FuelPlan.Growth.TABLE);
      }
      case Instructions.TABLE_SIZE -> {
        below(in, module.tables, "table");
        plan.instruction();
      }
      case Instructions.TABLE_FILL -> {
        below(in, module.tables, "table");
        plan.bulk(at, FuelPlan.ELEMENTS_PER_UNIT);
      }
      default ->
          throw ModuleReader.faultAt(
              at, "instruction 0xfc 0x" + Long.toHexString(number) + " is unknown");
    }
  }

  /** The data section comes later; its count was told before the code. */
  private void data(ModuleReader in) {
    if (module.dataCount < 0) {
      throw in.fault("expected a data count section, because the code uses data segments");
    }
    below(in, module.dataCount, "data segment");
  }

  private static int below(ModuleReader in, long count, String what) {
    int at = in.offset();
    long index = in.u32();
    if (index >= count) {
      throw ModuleReader.faultAt(
          at, "expected a " + what + " below " + count + ", but got " + index);
    }
    return (int) index;
  }
}
