package io.noetl.wasm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Where one function pays for what it executes, and how much. Deterministic: depends on the bytes
 * of the module alone.
 *
 * <p>A function is cut into runs: at its entry, at each loop head, at the arms of an {@code if},
 * after each end of a block and after each conditional branch. The run that starts at the entry or
 * at a loop head always pays where it starts, so that no way round a loop and no call is free. Any
 * other run pays where it starts when it is long; a short one is paid ahead by the run from which
 * it is reached, up to {@value #MOST_AHEAD} units for each, which saves most of the charges at the
 * price of counting a little that is then jumped over.
 *
 * <p>That is sound because blocks are structured: the run before a block, in the same sequence, is
 * always executed before the one that follows its end, within the same round of the loop.
 *
 * <p>A function with a loop keeps the fuel in a local, which the JVM keeps in a register, and
 * writes it to the global wherever somebody else looks: before a call, a return, the end. A small
 * function that neither loops nor calls ({@link #leafUnits}) does not pay at all: whoever calls it
 * does.
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

  /** Pay these units. */
  record Charge(int offset, int units) implements Edit {}

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

  private static final int DISCARD = -1;

  /** Instead of a function's index: the table decides. */
  private static final int ANY = -1;

  private static final class Run {
    private final int offset;
    private final int paidBy;
    private long units;
    private long ahead;

    Run(int offset, int paidBy) {
      this.offset = offset;
      this.paidBy = paidBy;
    }
  }

  private record Called(int offset, int end, int function, int run) {}

  private final List<Run> runs = new ArrayList<>();
  private final List<Called> calls = new ArrayList<>();
  private final List<Edit> byLength = new ArrayList<>();
  private final List<Edit> leaving = new ArrayList<>();

  /** The run before each open block, in the sequence that the block stands in. */
  private final Deque<Integer> before = new ArrayDeque<>();

  private int current;
  private boolean loops;

  FuelPlan(int start) {
    runs.add(new Run(start, DISCARD));
    runs.getFirst().units = UNITS_PER_CALL;
    before.push(0);
  }

  void instruction() {
    if (current != DISCARD) {
      runs.get(current).units++;
    }
  }

  void block() {
    before.push(current);
  }

  void loop(int offset) {
    loops = true;
    before.push(current);
    // Also in code that is never reached: a charge there is never reached either.
    runs.add(new Run(offset, DISCARD));
    current = runs.size() - 1;
  }

  void when(int offset) {
    instruction();
    before.push(current);
    startRun(offset, current);
  }

  void otherwise(int offset) {
    Integer opened = before.peek();
    startRun(offset, opened == null ? DISCARD : opened);
  }

  void end(int offset) {
    int paidBy = before.pop();
    if (!before.isEmpty()) {
      startRun(offset, paidBy);
    }
  }

  void mayLeave(int offset) {
    instruction();
    startRun(offset, current);
  }

  /** A branch that is always taken. */
  void leave() {
    instruction();
    current = DISCARD;
  }

  /** The function ends here, with a result or a trap. */
  void leaveFunction(int offset) {
    leaving.add(new Save(offset));
    leave();
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
    runs.add(new Run(offset, paidBy));
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
   * Decides who pays. To be called once.
   *
   * @param leafUnits by function: what a caller pays for it; 0 when it pays itself
   */
  List<Edit> edits(int[] leafUnits) {
    List<Edit> edits = new ArrayList<>(byLength);
    for (Called call : calls) {
      int leaf = call.function() == ANY ? 0 : leafUnits[call.function()];
      if (call.run() != DISCARD) {
        runs.get(call.run()).units += call.function() == ANY ? LEAF_UNITS : leaf;
      }
      if (loops && leaf == 0) {
        edits.add(new Save(call.offset()));
        edits.add(new Reload(call.end()));
      }
    }
    if (loops) {
      edits.addAll(leaving);
    }
    charges(edits);
    edits.sort(Comparator.comparingInt(Edit::offset).thenComparingInt(FuelPlan::rank));
    return edits;
  }

  private void charges(List<Edit> edits) {
    // Backwards: whoever pays for a run was started before it.
    for (int i = runs.size() - 1; i >= 0; i--) {
      Run run = runs.get(i);
      if (run.units == 0) {
        continue;
      }
      if (run.paidBy != DISCARD && run.units <= SHORT_RUN) {
        Run payer = runs.get(run.paidBy);
        if (payer.ahead + run.units <= MOST_AHEAD) {
          payer.ahead += run.units;
          payer.units += run.units;
          continue;
        }
      }
      edits.add(new Charge(run.offset, (int) run.units));
    }
  }

  /** What comes first at one place: read, pay for the run, then what belongs to the instruction. */
  private static int rank(Edit edit) {
    return switch (edit) {
      case Reload _ -> 0;
      case Charge _ -> 1;
      case Save _, ByLength _, Grow _ -> 2;
    };
  }
}
