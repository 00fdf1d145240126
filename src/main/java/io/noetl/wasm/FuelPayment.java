package io.noetl.wasm;

/**
 * Writes the code that pays. It leaves the operand stack as it finds it.
 *
 * @param fuel index of the global that holds what is left
 * @param scratch index of the first local of ours, then two {@code i32} when something is paid by
 *     length
 * @param inLocal whether that local, an {@code i32}, holds the fuel while the function runs; else
 *     it is an {@code i64} that only helps
 */
record FuelPayment(WasmBytes out, int fuel, long scratch, boolean inLocal) {
  private static final int EMPTY_BLOCK = 0x40;
  private static final int I32_NE = 0x47;
  private static final int I32_LESS_SIGNED = 0x48;
  private static final int I32_SUBTRACT = 0x6b;
  private static final int I32_SHIFT_LEFT = 0x74;
  private static final int I32_SHIFT_RIGHT_UNSIGNED = 0x76;
  private static final int I64_LESS_SIGNED = 0x53;
  private static final int I64_SUBTRACT = 0x7d;
  private static final int I32_WRAP = 0xa7;
  private static final int I64_EXTEND_SIGNED = 0xac;
  private static final int I64_EXTEND_UNSIGNED = 0xad;

  /** A page costs 1024 units. */
  private static final int PAGE_SHIFT = 10;

  /** Does nothing when the global is used itself. */
  void reload() {
    if (inLocal) {
      op(Instructions.GLOBAL_GET, fuel);
      out.write(I32_WRAP);
      op(Instructions.LOCAL_SET, scratch);
    }
  }

  /** Does nothing when the global is used itself. */
  void save() {
    if (inLocal) {
      op(Instructions.LOCAL_GET, scratch);
      out.write(I64_EXTEND_SIGNED);
      op(Instructions.GLOBAL_SET, fuel);
    }
  }

  void charge(FuelPlan.Charge charge) {
    units(charge.units(), charge.look(), charge.depth());
  }

  void back(FuelPlan.Back back) {
    if (back.conditional()) {
      // The condition is on the operand stack.
      out.write(Instructions.IF);
      out.write(EMPTY_BLOCK);
      units(back.units(), true, back.depth() + 1);
      op(Instructions.BR, back.label() + 1L);
      out.write(Instructions.END);
    } else {
      units(back.units(), true, back.depth());
      op(Instructions.BR, back.label());
    }
  }

  /** By the end, where the fuel is saved. */
  void leave(FuelPlan.Return leave) {
    op(Instructions.BR, leave.depth() - 1L);
  }

  private void units(int units, boolean look, int depth) {
    left();
    constant(units);
    out.write(inLocal ? I32_SUBTRACT : I64_SUBTRACT);
    if (look) {
      pay();
      op(Instructions.BR_IF, depth);
    } else {
      op(inLocal ? Instructions.LOCAL_SET : Instructions.GLOBAL_SET, inLocal ? scratch : fuel);
    }
  }

  /** The length is on top of the operand stack, unsigned. */
  void byLength(int shift) {
    op(Instructions.LOCAL_TEE, scratch + 1);
    payOrEnd(
        () -> {
          op(Instructions.LOCAL_GET, scratch + 1);
          int32(shift);
          out.write(I32_SHIFT_RIGHT_UNSIGNED);
        });
  }

  /** By what it became, only when it worked: asking for too much is free. */
  void grow(byte[] module, int from, int to, FuelPlan.Growth what) {
    op(Instructions.LOCAL_TEE, scratch + 1);
    out.range(module, from, to);
    op(Instructions.LOCAL_TEE, scratch + 2);
    int32(-1);
    out.write(I32_NE);
    out.write(Instructions.IF);
    out.write(EMPTY_BLOCK);
    switch (what) {
      case MEMORY ->
          payOrEnd(
              () -> {
                op(Instructions.LOCAL_GET, scratch + 1);
                int32(PAGE_SHIFT);
                out.write(I32_SHIFT_LEFT);
              });
      case TABLE ->
          // The engine copies the whole table, whatever is added to it.
          payOrEnd(
              () -> {
                out.write(Instructions.PREFIXED);
                out.u32(Instructions.TABLE_SIZE);
                out.u32(0);
                int32(FuelPlan.ELEMENTS_PER_UNIT);
                out.write(I32_SHIFT_RIGHT_UNSIGNED);
              });
    }
    out.write(Instructions.END);
    op(Instructions.LOCAL_GET, scratch + 2);
  }

  /**
   * Ends the guest right here: operands may be below.
   *
   * @param due writes code that leaves an unsigned number of units, below 2^30, on the stack
   */
  private void payOrEnd(Runnable due) {
    left();
    due.run();
    if (!inLocal) {
      out.write(I64_EXTEND_UNSIGNED);
    }
    out.write(inLocal ? I32_SUBTRACT : I64_SUBTRACT);
    pay();
    out.write(Instructions.IF);
    out.write(EMPTY_BLOCK);
    save();
    out.write(Instructions.UNREACHABLE);
    out.write(Instructions.END);
  }

  private void left() {
    op(inLocal ? Instructions.LOCAL_GET : Instructions.GLOBAL_GET, inLocal ? scratch : fuel);
  }

  /** From what is left, on the operand stack, to whether that is too little. */
  private void pay() {
    op(Instructions.LOCAL_TEE, scratch);
    if (!inLocal) {
      op(Instructions.GLOBAL_SET, fuel);
      op(Instructions.LOCAL_GET, scratch);
    }
    constant(0);
    out.write(inLocal ? I32_LESS_SIGNED : I64_LESS_SIGNED);
  }

  private void op(int opcode, long index) {
    out.write(opcode);
    out.u32(index);
  }

  private void constant(int value) {
    out.write(inLocal ? Instructions.I32_CONST : Instructions.I64_CONST);
    out.s64(value);
  }

  private void int32(int value) {
    out.write(Instructions.I32_CONST);
    out.s64(value);
  }
}
