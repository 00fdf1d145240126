package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.playbook.Mutation;
import io.noetl.playbook.scope.FieldRenderer;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.Templates;
import java.util.List;

/**
 * What a decision needs to read the language: templates, limits and the choice of pools. Immutable.
 */
public record Language(
    Templates templates, FieldRenderer fields, ExecutionLimits limits, PoolChooser pools) {

  public Language(Templates templates, ExecutionLimits limits, PoolChooser pools) {
    this(templates, new FieldRenderer(templates), limits, pools);
  }

  /** Variables that a {@code set} block of a step or arc writes. */
  List<CtxWrite> writes(List<Mutation> block, Scope scope) {
    return CtxWrites.of(templates, block, scope);
  }

  /** Whether a template text uses this word as a name. */
  static boolean mentions(String text, String word) {
    return Templates.words("{{" + text + "}}").contains(word);
  }
}
