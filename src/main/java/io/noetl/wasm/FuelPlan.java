package io.noetl.wasm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Where one function pays for what it executes, and how much. Deterministic: depends on the bytes
 * of the function alone.
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
 */
final class FuelPlan {
  /** Bytes that a bulk operation moves for one unit, as a shift: 64. */
  static final int BYTES_PER_UNIT = 6;

  /** Table elements that a bulk operation moves for one unit, as a shift: 8. */
  static final int ELEMENTS_PER_UNIT = 3;

  /** Units of one page of memory that was added. */
  static final int UNITS_PER_PAGE = 1024;

  /** Longest run that is paid ahead, in units. */
  static final int SHORT_RUN = 12;

  /** Most units that one charge takes for runs that may be jumped over. */
  static final int MOST_AHEAD = 32;

  /** What a call of a function costs beside its instructions. */
  static final int UNITS_PER_CALL = 1;

  /** What grows. */
  enum Growth {
    MEMORY,
    TABLE
  }

  /** A piece of code to insert. Offsets are of the module; edits are in their order. */
  sealed interface Edit {
    int offset();
  }

  /** Pay these units. */
  record Charge(int offset, int units) implements Edit {}

  /**
   * Pay by the number on the operand stack.
   *
   * @param shift units are the number shifted to the right by this
   */
  record ByLength(int offset, int shift) implements Edit {}

  /** Replace the growing instruction up to this end, and pay when it succeeded. */
  record Grow(int offset, int end, Growth what) implements Edit {}

  private static final int DISCARD = -1;

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

  private final List<Run> runs = new ArrayList<>();
  private final List<Edit> edits = new ArrayList<>();

  /** The run before each open block, in the sequence that the block stands in. */
  private final Deque<Integer> before = new ArrayDeque<>();

  private int current;

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
    startRun(offset, opened());
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

  void leave(int offset) {
    instruction();
    current = DISCARD;
  }

  void bulk(int offset, int shift) {
    instruction();
    edits.add(new ByLength(offset, shift));
  }

  void grow(int offset, int end, Growth what) {
    instruction();
    edits.add(new Grow(offset, end, what));
  }

  private int opened() {
    Integer run = before.peek();
    return run == null ? DISCARD : run;
  }

  private void startRun(int offset, int paidBy) {
    if (paidBy == DISCARD) {
      current = DISCARD;
      return;
    }
    runs.add(new Run(offset, paidBy));
    current = runs.size() - 1;
  }

  /** Decides who pays; nothing may be added afterwards. */
  FuelPlan close() {
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
    // A charge stands before the instruction at its offset, and so before that one's own edit.
    edits.sort(
        (a, b) ->
            a.offset() != b.offset()
                ? Integer.compare(a.offset(), b.offset())
                : Boolean.compare(!(a instanceof Charge), !(b instanceof Charge)));
    return this;
  }

  List<Edit> edits() {
    return List.copyOf(edits);
  }

  /** Whether the code needs scratch locals for lengths. */
  boolean needsLengths() {
    return edits.stream().anyMatch(edit -> !(edit instanceof Charge));
  }
}
