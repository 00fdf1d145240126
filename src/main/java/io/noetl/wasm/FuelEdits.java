package io.noetl.wasm;

import io.noetl.wasm.FuelPlan.Back;
import io.noetl.wasm.FuelPlan.Called;
import io.noetl.wasm.FuelPlan.Charge;
import io.noetl.wasm.FuelPlan.Edit;
import io.noetl.wasm.FuelPlan.Reload;
import io.noetl.wasm.FuelPlan.Run;
import io.noetl.wasm.FuelPlan.Save;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** From what a function does to the code that pays for it; see {@link FuelPlan} for the rules. */
record FuelEdits(
    List<Run> runs, List<Called> calls, List<Edit> byLength, List<Edit> leaving, boolean inLocal) {

  List<Edit> decided(int[] leafUnits) {
    List<Edit> edits = new ArrayList<>(byLength);
    for (Called call : calls) {
      if (call.run() != FuelPlan.DISCARD) {
        runs.get(call.run()).units +=
            call.function() == FuelPlan.ANY ? FuelPlan.LEAF_UNITS : leafUnits[call.function()];
      }
    }
    if (inLocal) {
      aroundCalls(edits, leafUnits);
      edits.addAll(leaving);
    }
    charges(edits);
    edits.sort(Comparator.comparingInt(Edit::offset).thenComparingInt(FuelEdits::rank));
    return edits;
  }

  /** Writes the fuel before a call that spends and reads it after, once for calls in a row. */
  private void aroundCalls(List<Edit> edits, int[] leafUnits) {
    Called before = null;
    for (Called call : calls) {
      boolean spends = call.function() == FuelPlan.ANY || leafUnits[call.function()] == 0;
      if (!spends || call.run() == FuelPlan.DISCARD) {
        continue;
      }
      if (before == null || before.run() != call.run() || paidBetween(before, call)) {
        if (before != null) {
          edits.add(new Reload(before.end()));
        }
        edits.add(new Save(call.offset()));
      }
      before = call;
    }
    if (before != null) {
      edits.add(new Reload(before.end()));
    }
  }

  private boolean paidBetween(Called one, Called other) {
    return byLength.stream()
        .anyMatch(edit -> edit.offset() > one.offset() && edit.offset() < other.offset());
  }

  private void charges(List<Edit> edits) {
    boolean[] pays = payers();
    long[] unseen = new long[runs.size()];
    // Charged by all runs before this one.
    long[] charged = new long[runs.size() + 1];
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      long units = pays[i] ? run.units : 0;
      charged[i + 1] = charged[i] + units;
      // Between a run and the one it is reached from lie blocks, all of which may be executed.
      long before =
          run.paidBy == FuelPlan.DISCARD
              ? 0
              : unseen[run.paidBy] + charged[i] - charged[run.paidBy + 1];
      boolean look = i == 0 || run.loop || before + units > FuelPlan.UNSEEN_UNITS;
      unseen[i] = pays[i] && look ? 0 : before + units;
      if (pays[i]) {
        edits.add(new Charge(run.offset, (int) run.units, look, run.depth));
      } else if (run.loop) {
        for (Back back : run.back) {
          edits.add(back.paying((int) run.units));
        }
      }
    }
  }

  /** Which runs pay where they start; gives the units of the others to those that do. */
  private boolean[] payers() {
    boolean[] pays = new boolean[runs.size()];
    // Backwards: whoever pays for a run was started before it.
    for (int i = runs.size() - 1; i >= 0; i--) {
      Run run = runs.get(i);
      if (run.loop) {
        pays[i] = run.paysAtHead();
        if (!pays[i] && run.paidBy != FuelPlan.DISCARD) {
          runs.get(run.paidBy).units += run.units;
        }
      } else if (run.units > 0) {
        pays[i] = !paidAhead(run);
      }
    }
    return pays;
  }

  private boolean paidAhead(Run run) {
    if (run.paidBy == FuelPlan.DISCARD || run.units > FuelPlan.SHORT_RUN) {
      return false;
    }
    Run payer = runs.get(run.paidBy);
    if (payer.ahead + run.units > FuelPlan.MOST_AHEAD) {
      return false;
    }
    payer.ahead += run.units;
    payer.units += run.units;
    return true;
  }

  /** What comes first at one place: read, pay for the run, then what belongs to the instruction. */
  private static int rank(Edit edit) {
    return switch (edit) {
      case Reload _ -> 0;
      case Charge _ -> 1;
      case Save _, Back _, FuelPlan.Return _, FuelPlan.ByLength _, FuelPlan.Grow _ -> 2;
    };
  }
}
