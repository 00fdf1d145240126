package io.noetl.tool.sequence;

import io.noetl.playbook.value.Outcome;
import java.util.List;

/**
 * What a command came to.
 *
 * @param writes ctx variables to be made durable, in order; also after a soft error, none after a
 *     hard one
 */
public record CommandResult(Outcome outcome, List<CtxWrite> writes) {
  public CommandResult {
    writes = List.copyOf(writes);
  }
}
