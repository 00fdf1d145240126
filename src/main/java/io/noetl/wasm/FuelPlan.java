package io.noetl.wasm;

import java.util.ArrayList;
import java.util.List;

/**
 * Where one function pays for what it executes, and how much. Deterministic: depends on the bytes
 * of the module alone.
 *
 * <p>A function is cut into runs: at its entry, at each loop head, at the arms of an {@code if},
 * after each end of a block and after each conditional branch. A long run pays where it starts; a
 * short one is paid ahead by the run from which it is reached, up to {@value #MOST_AHEAD} units for
 * each, which saves most of the charges at the price of counting a little that is then jumped over.
 * The run at a loop head is paid by whoever comes there: the run before the loop pays for the first
 * round, each branch back for the next. (A loop with many branches back, or one out of a table,
 * pays at its head.) So no way round a loop and no call is free.
 *
 * <p>That is sound because blocks are structured: the run before a block, in the same sequence, is
 * always executed before the one that follows its end, within the same round of the loop.
 *
 * <p>Paying and looking are two things. Whether the fuel is spent is looked at where a function
 * begins, at each branch back, at each payment by length, and before {@value #UNSEEN_UNITS} units
 * have been paid unseen; elsewhere the fuel only goes down. Whatever runs unseen is paid for: the
 * host looks again before each of its own functions and at the end.
 *
 * <p>A function with a loop keeps the fuel in a local, which the JVM keeps in a register, and
 * writes it to the global wherever somebody else looks: before a call, a return, the end. It is a
 * number of 32 bits there, and paid right where the loop branches back, because the JIT then sees a
 * counted loop and removes most of it. A small function that neither loops nor calls ({@link
 * #leafUnits}) does not pay at all: whoever calls it does.
 */
final class FuelPlan {
  /** Bytes that a bulk operation moves for one unit, as a shift: 64. */
  static final int BYTES_PER_UNIT = 6;

  /** Table elements that a bulk operation moves for one unit, as a shift: 8. */
  static final int ELEMENTS_PER_UNIT = 3;

  /** Longest run that is paid ahead, in units. */
  static final int SHORT_RUN = 12;

  /** Most units that one charge takes for runs that may be jumped over. */
  static final int MOST_AHEAD = 32;

  /** What a call of a function costs beside its instructions. */
  static final int UNITS_PER_CALL = 1;

  /** Most units of a function that its caller pays for; an indirect call always costs as much. */
  static final int LEAF_UNITS = 24;

  /** Most branches back that pay each for itself; with more of them the loop pays at its head. */
  static final int MOST_BACK = 1;

  /** Most units that one activation of a function pays without a look at what is left. */
  static final int UNSEEN_UNITS = 256;

  /** What grows. */
  enum Growth {
    MEMORY,
    TABLE
  }

  /** A piece of code to insert. Offsets are of the module; edits are in their order. */
  sealed interface Edit {
    int offset();
  }

  /** Read the fuel again: somebody else has paid meanwhile. */
  record Reload(int offset) implements Edit {}

  /**
   * Pay these units.
   *
   * @param look whether to end the guest when too little is left
   * @param depth blocks around, that of the function included
   */
  record Charge(int offset, int units, boolean look, int depth) implements Edit {}

  /**
   * Pay these units, look, and go back to a loop's head, instead of the branch up to this end.
   *
   * @param label of the branch
   * @param depth blocks around, that of the function included
   */
  record Back(int offset, int end, boolean conditional, int label, int depth, int units)
      implements Edit {
    Back paying(int due) {
      return new Back(offset, end, conditional, label, depth, due);
    }
  }

  /** Leave by the end of the function, instead of the return up to this end. */
  record Return(int offset, int end, int depth) implements Edit {}

  /** Write the fuel back: somebody else will look at it. */
  record Save(int offset) implements Edit {}

  /**
   * Pay by the number on the operand stack.
   *
   * @param shift units are the number shifted to the right by this
   */
  record ByLength(int offset, int shift) implements Edit {}

  /** Replace the growing instruction up to this end, and pay when it succeeded. */
  record Grow(int offset, int end, Growth what) implements Edit {}

  /** Instead of a run: code that is never reached. */
  static final int DISCARD = -1;

  /** Instead of a function's index: the table decides. */
  static final int ANY = -1;

  /** Code that is executed as a whole or not at all, as long as nothing traps. */
  static final class Run {
    final int offset;
    final int paidBy;
    final boolean loop;
    final int depth;
    final List<Back> back = new ArrayList<>();
    boolean byTable;
    long units;
    long ahead;

    /**
     * @param paidBy the run that pays when this one is short; of a loop, the run before it
     */
    Run(int offset, int paidBy, boolean loop, int depth) {
      this.offset = offset;
      this.paidBy = paidBy;
      this.loop = loop;
      this.depth = depth;
    }

    /** Of a loop: not where it is branched back to. */
    boolean paysAtHead() {
      return byTable || back.size() > MOST_BACK;
    }
  }

  record Called(int offset, int end, int function, int run) {}

  /**
   * An open block.
   *
   * @param before the run before it, in the sequence that it stands in
   * @param loop the run at its head when it is a loop, else {@link #DISCARD}
   */
  private record Open(int before, int loop) {}

  private final List<Run> runs = new ArrayList<>();
  private final List<Called> calls = new ArrayList<>();
  private final List<Edit> byLength = new ArrayList<>();
  private final List<Edit> leaving = new ArrayList<>();
  private final List<Open> open = new ArrayList<>();

  private int current;
  private boolean loops;

  FuelPlan(int start) {
    open.add(new Open(0, DISCARD));
    runs.add(new Run(start, DISCARD, false, open.size()));
    runs.getFirst().units = UNITS_PER_CALL;
  }

  void instruction() {
    if (current != DISCARD) {
      runs.get(current).units++;
    }
  }

  void block() {
    open.add(new Open(current, DISCARD));
  }

  void loop(int offset) {
    loops = true;
    int before = current;
    current = runs.size();
    open.add(new Open(before, current));
    // Also in code that is never reached: a charge there is never reached either.
    runs.add(new Run(offset, before, true, open.size()));
  }

  void when(int offset) {
    instruction();
    open.add(new Open(current, DISCARD));
    startRun(offset, current);
  }

  void otherwise(int offset) {
    startRun(offset, open.getLast().before());
  }

  void end(int offset) {
    int paidBy = open.removeLast().before();
    if (!open.isEmpty()) {
      startRun(offset, paidBy);
    }
  }

  void mayLeave(int offset, int end, int label) {
    instruction();
    branch(offset, end, true, label);
    startRun(end, current);
  }

  /** A branch that is always taken. */
  void leave(int offset, int end, int label) {
    instruction();
    branch(offset, end, false, label);
    current = DISCARD;
  }

  /** A branch by a table is always taken, too. */
  void leaveByTable(List<Integer> labels) {
    instruction();
    for (int label : labels) {
      int loop = target(label).loop();
      if (loop != DISCARD) {
        runs.get(loop).byTable = true;
      }
    }
    current = DISCARD;
  }

  private void branch(int offset, int end, boolean conditional, int label) {
    int loop = target(label).loop();
    if (loop != DISCARD && current != DISCARD) {
      runs.get(loop).back.add(new Back(offset, end, conditional, label, open.size(), 0));
    }
  }

  private Open target(int label) {
    return open.get(open.size() - 1 - label);
  }

  /** The function ends here with a trap. */
  void trap(int offset) {
    instruction();
    leaving.add(new Save(offset));
    current = DISCARD;
  }

  /** The function ends here with a result. */
  void leaveFunction(int offset, int end) {
    instruction();
    leaving.add(new Return(offset, end, open.size()));
    current = DISCARD;
  }

  void call(int offset, int end, int function) {
    instruction();
    calls.add(new Called(offset, end, function, current));
  }

  void callIndirect(int offset, int end) {
    call(offset, end, ANY);
  }

  void bulk(int offset, int shift) {
    instruction();
    byLength.add(new ByLength(offset, shift));
  }

  void grow(int offset, int end, Growth what) {
    instruction();
    byLength.add(new Grow(offset, end, what));
  }

  private void startRun(int offset, int paidBy) {
    if (paidBy == DISCARD) {
      current = DISCARD;
      return;
    }
    runs.add(new Run(offset, paidBy, false, open.size()));
    current = runs.size() - 1;
  }

  /** What the function costs when its caller may pay for it; 0 when it must pay itself. */
  int leafUnits() {
    if (loops || !calls.isEmpty() || !byLength.isEmpty()) {
      return 0;
    }
    long units = 0;
    for (Run run : runs) {
      units += run.units;
    }
    return units <= LEAF_UNITS ? (int) units : 0;
  }

  /** Whether the fuel is kept in a local while the function runs. */
  boolean inLocal() {
    return loops;
  }

  /** Whether the code needs scratch locals for lengths. */
  boolean needsLengths() {
    return !byLength.isEmpty();
  }

  /**
   * Decides who pays, and where. To be called once.
   *
   * @param leafUnits by function: what a caller pays for it; 0 when it pays itself
   */
  List<Edit> edits(int[] leafUnits) {
    return new FuelEdits(runs, calls, byLength, leaving, loops).decided(leafUnits);
  }
}
