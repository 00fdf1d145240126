package io.noetl.tool.sequence;

import io.noetl.playbook.value.Outcome;
import java.time.Duration;

/** What is to be done after a run of a task. */
sealed interface Verdict {

  /** The outcome is accepted; on with the next task. */
  record Accept() implements Verdict {}

  /** The same task runs again after the delay. */
  record Again(Duration delay) implements Verdict {}

  /** The sequence ends here, successfully. */
  record Break() implements Verdict {}

  /** On with the task of this label. */
  record Jump(String label) implements Verdict {}

  /** The command ends with this outcome, which is an error. */
  record End(Outcome error) implements Verdict {}
}
